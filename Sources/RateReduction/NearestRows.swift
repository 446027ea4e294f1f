/// The rows of the highest scores of all that were shown, kept in a list that is cut whenever it has grown long.
struct NearestRows {
  /// How many are kept.
  let count: Int
  private var found: [(row: Int, score: Float)] = []
  /// What a score must be above to be among the best.
  private var bound = -Float.infinity

  init(count: Int) { self.count = count }

  /// - Parameters:
  ///   - scores: of the rows from `first` on; rows come in ascending order, over all calls.
  ///   - isCandidate: asked for rows whose score is high enough alone.
  mutating func add(
    _ scores: UnsafeBufferPointer<Float>, from first: Int = 0, where isCandidate: (Int) -> Bool = { _ in true }
  ) {
    for (i, score) in scores.enumerated() where score > bound && isCandidate(first + i) {
      found.append((first + i, score))
      guard found.count >= 4 * count else { continue }
      found = best()
      bound = found.last?.score ?? bound
    }
  }

  /// The best first; of equal scores the lower row first. All that there are where they are fewer.
  func best() -> [(row: Int, score: Float)] {
    Array(found.sorted { ($0.score, $1.row) > ($1.score, $0.row) }.prefix(count))
  }
}
