import LinearAlgebra

/// The nearest passages of some, the pivots.
///
/// A batch drawn at random from a large corpus holds few passages that are near one another, so that what a code loses among
/// those is never seen. Batches of neighbourhoods hold them.
struct Neighbourhoods {
  /// For each pivot the rows nearest to it by dot product, itself among them, the nearest first; of equally near ones the
  /// lower row first. As many as asked for, or all that there are.
  let rows: [[Int]]

  /// - Parameters:
  ///   - source: unit rows.
  ///   - pivots: rows of `source`, any of them more than once.
  ///   - candidates: the rows that may be near, ascending; nil: all.
  init(of source: any SourceRows, pivots: [Int], size: Int, candidates: [Int]? = nil) {
    let pivotRows = source.rows(at: pivots)
    var nearest = pivots.map { _ in Nearest(size: size) }
    let count = candidates?.count ?? source.rows
    for start in stride(from: 0, to: count, by: 1024) {
      let range = start..<min(start + 1024, count)
      let slice = candidates.map { source.rows(at: Array($0[range])) } ?? source.rows(range)
      let scores = pivotRows.timesTransposed(slice)
      scores.values.withUnsafeBufferPointer { scores in
        for pivot in nearest.indices {
          nearest[pivot].add(
            UnsafeBufferPointer(rebasing: scores[pivot * range.count..<(pivot + 1) * range.count]), from: start)
        }
      }
    }
    rows = nearest.map { $0.best().map { candidates?[$0] ?? $0 } }
  }

  /// The best of what it was shown, kept in a list that is cut whenever it has grown long.
  private struct Nearest {
    let size: Int
    var found: [(score: Float, index: Int)] = []
    /// What a score must be above to be among the best.
    var bound = -Float.infinity

    mutating func add(_ scores: UnsafeBufferPointer<Float>, from first: Int) {
      for (i, score) in scores.enumerated() where score > bound { found.append((score, first + i)) }
      guard found.count >= 4 * size else { return }
      found = sorted()
      bound = found.last?.score ?? bound
    }

    func best() -> [Int] { sorted().map(\.index) }

    private func sorted() -> [(score: Float, index: Int)] {
      Array(found.sorted { ($0.score, $1.index) > ($1.score, $0.index) }.prefix(size))
    }
  }
}
