package import LinearAlgebra

/// Measures how well compressed rows answer a data set's queries.
package enum RetrievalEvaluation {
  /// The metrics of each query; their vectors are the rows of `queries`, in the order of `judgements`.
  package static func perQuery(
    _ passages: CompressedRows, queries: Matrix, judgements: [Judgements]
  ) -> [RankingMetrics] {
    precondition(queries.rows == judgements.count, "\(queries.rows) queries with \(judgements.count) judgements")
    return perQuery(passages.rankings(for: queries, count: depth), judgements: judgements)
  }

  /// The metrics of rankings at hand, of ``depth`` rows where there are as many.
  package static func perQuery(_ rankings: [[Int]], judgements: [Judgements]) -> [RankingMetrics] {
    zip(rankings, judgements).map { RankingMetrics(ranking: $0, judgements: $1) }
  }

  /// How long a ranking must be to be measured.
  package static let depth = 100

  /// Their mean.
  package static func metrics(
    _ passages: CompressedRows, queries: Matrix, judgements: [Judgements]
  ) -> RankingMetrics {
    RankingMetrics(meanOf: perQuery(passages, queries: queries, judgements: judgements))
  }
}
