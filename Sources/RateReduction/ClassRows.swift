/// The rows of each class of some labels, side by side in one array.
struct ClassRows {
  /// All rows, those of class 0 first; within a class ascending.
  private let ordered: [Int]
  /// Class k has `ordered[starts[k]..<starts[k + 1]]`.
  private let starts: [Int]

  /// Equal labels are one class; classes are numbered in the order of their first rows.
  init(_ labels: [Int]) {
    var numbers: [Int: Int] = [:]
    var counts: [Int] = []
    let classes = labels.map { label in
      let number = numbers[label] ?? counts.count
      if number == counts.count {
        numbers[label] = number
        counts.append(0)
      }
      counts[number] += 1
      return number
    }
    var starts = [0]
    for count in counts { starts.append(starts.last! + count) }
    var next = starts
    var ordered = [Int](repeating: 0, count: labels.count)
    for (row, number) in classes.enumerated() {
      ordered[next[number]] = row
      next[number] += 1
    }
    self.ordered = ordered
    self.starts = starts
  }

  var count: Int { starts.count - 1 }

  func rows(of number: Int) -> ArraySlice<Int> { ordered[starts[number]..<starts[number + 1]] }
}
