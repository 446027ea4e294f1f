import LinearAlgebra

/// Which files are near which: how many of the nearest neighbours of one's passages lie in another.
struct FileLinks {
  /// Files are numbered by first passage.
  private let fileOfRow: [Int]
  private let fileCount: Int
  /// Pairs of different files, and their links.
  private var pairs: [(from: Int, to: Int, count: Int)] = []
  private let total: Int

  /// - Parameters:
  ///   - vectors: unit rows.
  ///   - files: of each row.
  init(vectors: Matrix, files: [Int], neighbours: Int) {
    var numbers: [Int: Int] = [:]
    let fileOfRow = files.map { file in
      let number = numbers[file] ?? numbers.count
      numbers[file] = number
      return number
    }
    let fileCount = numbers.count
    var links: [Int: Int] = [:]
    var total = 0
    for start in stride(from: 0, to: vectors.rows, by: 128) {
      let slice = start..<min(start + 128, vectors.rows)
      let scores = vectors.rows(slice).timesTransposed(vectors)
      scores.values.withUnsafeBufferPointer { values in
        for row in slice {
          let own = fileOfRow[row]
          let line = UnsafeBufferPointer(
            rebasing: values[(row - start) * scores.columns..<(row - start + 1) * scores.columns])
          var best = NearestRows(count: neighbours)
          best.add(line) { fileOfRow[$0] != own }
          for near in best.best() {
            links[own * fileCount + fileOfRow[near.row], default: 0] += 1
            total += 1
          }
        }
      }
    }
    self.fileOfRow = fileOfRow
    self.fileCount = fileCount
    self.total = total
    pairs = links.sorted { $0.key < $1.key }.map { ($0.key / fileCount, $0.key % fileCount, $0.value) }
  }

  /// The class of each file: that of its first passage that has one.
  func classes(of rows: [Int]) -> [Int] {
    var classes = [Int](repeating: -1, count: fileCount)
    for (row, label) in rows.enumerated() where classes[fileOfRow[row]] < 0 { classes[fileOfRow[row]] = label }
    return classes
  }

  /// - Parameter tried: by how much p is multiplied.
  func prediction(
    classes: [Int], deals: Int, tried: Int, using generator: inout SeededGenerator
  ) -> ClassPrediction {
    let real = matches(classes)
    var dealt = classes
    var (sum, asGood) = (0, 0)
    for _ in 0..<deals {
      dealt.shuffle(using: &generator)
      let count = matches(dealt)
      sum += count
      if count >= real { asGood += 1 }
    }
    let links = Double(max(1, total))
    return ClassPrediction(
      share: Double(real) / links, chance: Double(sum) / Double(deals) / links,
      p: min(1, Double((1 + asGood) * tried) / Double(1 + deals)),
      classCount: Set(classes.filter { $0 >= 0 }).count, passages: fileOfRow.count, files: fileCount)
  }

  /// Links within classes.
  private func matches(_ classes: [Int]) -> Int {
    classes.withUnsafeBufferPointer { classes in
      pairs.withUnsafeBufferPointer { pairs in
        var count = 0
        for pair in pairs where classes[pair.from] >= 0 && classes[pair.from] == classes[pair.to] {
          count += pair.count
        }
        return count
      }
    }
  }
}
