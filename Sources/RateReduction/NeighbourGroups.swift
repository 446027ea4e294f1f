package import LinearAlgebra

/// Small groups of passages that are near one another: classes where nothing else is known.
///
/// Two passages that are each among the other's nearest few are joined, the nearest pair first, unless their groups
/// together were more than ``largest``. A passage that is joined to none is in no class. Classes of this kind tell a
/// training only what the source vectors know already.
package enum NeighbourGroups {
  package static let largest = 8
  private static let neighbours = 4

  /// The group of each row, −1 for none, numbered in the order in which they come. O(n²): about 20 s for 50,000 rows.
  ///
  /// - Parameter vectors: unit rows.
  package static func of(_ vectors: Matrix) throws -> [Int] {
    try vectors.checkFinite("the passages")
    let near = (0..<vectors.rows).isEmpty ? [] : nearest(vectors)
    var pairs: [(a: Int, b: Int, score: Float)] = []
    for (row, list) in near.enumerated() {
      for (other, score) in list where other > row && near[other].contains(where: { $0.row == row }) {
        pairs.append((row, other, score))
      }
    }
    pairs.sort { ($1.score, $0.a, $0.b) < ($0.score, $1.a, $1.b) }
    var groupOf = Array(0..<vectors.rows)
    var members = (0..<vectors.rows).map { [$0] }
    for pair in pairs {
      let (into, from) = (groupOf[pair.a], groupOf[pair.b])
      guard into != from, members[into].count + members[from].count <= largest else { continue }
      for row in members[from] { groupOf[row] = into }
      members[into] += members[from]
      members[from] = []
    }
    var numbers: [Int: Int] = [:]
    return groupOf.map { group in
      guard members[group].count > 1 else { return -1 }
      let number = numbers[group] ?? numbers.count
      numbers[group] = number
      return number
    }
  }

  /// The nearest few of each row, best first.
  private static func nearest(_ vectors: Matrix) -> [[(row: Int, score: Float)]] {
    var result: [[(row: Int, score: Float)]] = []
    result.reserveCapacity(vectors.rows)
    for start in stride(from: 0, to: vectors.rows, by: 128) {
      let slice = start..<min(start + 128, vectors.rows)
      let scores = vectors.rows(slice).timesTransposed(vectors)
      scores.values.withUnsafeBufferPointer { values in
        for row in slice {
          let line = UnsafeBufferPointer(
            rebasing: values[(row - start) * scores.columns..<(row - start + 1) * scores.columns])
          var best = NearestRows(count: neighbours)
          best.add(line) { $0 != row }
          result.append(best.best())
        }
      }
    }
    return result
  }
}
