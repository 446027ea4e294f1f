package import LinearAlgebra

/// Measures how well compressed rows answer a data set's queries.
package enum RetrievalEvaluation {
  /// The metrics of each query; their vectors are the rows of `queries`, in the order of `judgements`.
  package static func perQuery(
    _ passages: CompressedRows, queries: Matrix, judgements: [Judgements]
  ) -> [RankingMetrics] {
    precondition(queries.rows == judgements.count, "\(queries.rows) queries with \(judgements.count) judgements")
    return zip(passages.rankings(for: queries, count: 100), judgements).map {
      RankingMetrics(ranking: $0, judgements: $1)
    }
  }

  /// Their mean.
  package static func metrics(
    _ passages: CompressedRows, queries: Matrix, judgements: [Judgements]
  ) -> RankingMetrics {
    RankingMetrics(meanOf: perQuery(passages, queries: queries, judgements: judgements))
  }
}
