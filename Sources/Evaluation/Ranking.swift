/// Exact rankings of rows by score, ties by the lower row: the same on every machine.
package enum Ranking {
  /// The `count` best rows, best first. O(n log count).
  package static func best(_ count: Int, of scores: some RandomAccessCollection<Float>) -> [Int] {
    // A heap whose root is the worst of the kept ones.
    var heap: [(score: Float, row: Int)] = []
    heap.reserveCapacity(min(count, scores.count))
    func isWorse(_ a: (score: Float, row: Int), _ b: (score: Float, row: Int)) -> Bool {
      a.score < b.score || a.score == b.score && a.row > b.row
    }
    func sink(_ start: Int) {
      var place = start
      while true {
        var worst = place
        for child in (2 * place + 1)...(2 * place + 2) where child < heap.count && isWorse(heap[child], heap[worst]) {
          worst = child
        }
        if worst == place { return }
        heap.swapAt(place, worst)
        place = worst
      }
    }
    for (row, score) in scores.enumerated() {
      let entry = (score: score, row: row)
      if heap.count < count {
        heap.append(entry)
        if heap.count == count { for place in stride(from: count / 2, through: 0, by: -1) { sink(place) } }
      } else if count > 0, isWorse(heap[0], entry) {
        heap[0] = entry
        sink(0)
      }
    }
    return heap.sorted { isWorse($1, $0) }.map(\.row)
  }
}
