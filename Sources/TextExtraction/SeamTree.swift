/// Finds the lowest of a run of seam ranks in O(log n): a segment tree of positions. Of equal ranks the last one wins.
struct SeamTree {
  private let ranks: [UInt64]
  private let width: Int
  /// Heap order; node `width + i` is position i. Positions past the end stand for "worse than all".
  private var lowest: [Int32]

  init(_ ranks: [UInt64]) {
    self.ranks = ranks
    var width = 1
    while width < ranks.count { width *= 2 }
    self.width = width
    lowest = [Int32](repeating: -1, count: 2 * width)
    for index in ranks.indices { lowest[width + index] = Int32(index) }
    for node in stride(from: width - 1, to: 0, by: -1) {
      lowest[node] = better(lowest[2 * node], lowest[2 * node + 1])
    }
  }

  /// The position of the lowest rank in `range`, which must not be empty.
  func lowest(in range: ClosedRange<Int>) -> Int {
    var first = range.lowerBound + width
    var last = range.upperBound + width
    var left: Int32 = -1
    var right: Int32 = -1
    while first <= last {
      if first & 1 == 1 {
        left = better(left, lowest[first])
        first += 1
      }
      if last & 1 == 0 {
        right = better(lowest[last], right)
        last -= 1
      }
      first /= 2
      last /= 2
    }
    return Int(better(left, right))
  }

  /// `first` lies before `second`.
  private func better(_ first: Int32, _ second: Int32) -> Int32 {
    if first < 0 { return second }
    if second < 0 { return first }
    return ranks[Int(second)] <= ranks[Int(first)] ? second : first
  }
}
