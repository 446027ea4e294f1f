/// How well one way of keeping vectors answers one set of questions.
package struct QualityMeasure: Sendable, Hashable {
  package let corpus: String
  package let queries: QueryKind
  package let queryCount: Int
  package let ndcgAt10: Double
  /// The share of relevant passages among the first ten.
  package let recallAt10: Double
  /// The share of the whole vectors' own first ten that are among the first ten.
  package let recallOfFull: Double
  /// nDCG@10 as a share of the whole vectors'.
  package let kept: Interval
  /// `kept` less that of whitened PCA in the same bytes; nil for whitened PCA and the whole vectors.
  package let overWhitened: Interval?
  /// `kept` less that of the same form trained by distillation alone (β 0); nil where that was not trained.
  package var overDistillation: Interval?

  package init(
    corpus: String, queries: QueryKind, queryCount: Int, ndcgAt10: Double, recallAt10: Double, recallOfFull: Double,
    kept: Interval, overWhitened: Interval?, overDistillation: Interval? = nil
  ) {
    self.corpus = corpus
    self.queries = queries
    self.queryCount = queryCount
    self.ndcgAt10 = ndcgAt10
    self.recallAt10 = recallAt10
    self.recallOfFull = recallOfFull
    self.kept = kept
    self.overWhitened = overWhitened
    self.overDistillation = overDistillation
  }
}
