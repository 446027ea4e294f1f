/// Reciprocal rank fusion of two rankings of the same rows.
///
/// A row's fused score is Σ wᵢ / (k + rankᵢ), ranks from 1 (Cormack, Clarke, Büttcher 2009, k = 60). It needs no common
/// scale between cosine and BM25. The keyword ranking weighs less: it knows words, not meaning, and a question in
/// everyday language shares its commonest words with everything.
package enum RankFusion {
  static let k = 60.0
  static let semanticWeight = 1.0
  static let keywordWeight = 0.5

  /// Rows with their fused score, best first, ties by lower row.
  static func fuse<Row: Hashable & Comparable>(semantic: [Row], keyword: [Row]) -> [(row: Row, score: Double)] {
    var scores: [Row: Double] = [:]
    for (weight, ranking) in [(semanticWeight, semantic), (keywordWeight, keyword)] {
      for (rank, row) in ranking.enumerated() { scores[row, default: 0] += weight / (k + Double(rank + 1)) }
    }
    return scores.map { (row: $0.key, score: $0.value) }
      .sorted { $0.score != $1.score ? $0.score > $1.score : $0.row < $1.row }
  }
}
