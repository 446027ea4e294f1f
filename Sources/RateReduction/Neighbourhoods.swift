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
    var nearest = pivots.map { _ in NearestRows(count: size) }
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
    rows = nearest.map { $0.best().map { candidates?[$0.row] ?? $0.row } }
  }
}
