package import LinearAlgebra

/// Measures how well compressed rows answer a data set's queries.
package enum RetrievalEvaluation {
  /// The mean metrics over the queries whose vectors are the rows of `queries`, in the order of `judgements`.
  package static func metrics(
    _ passages: CompressedRows, queries: Matrix, judgements: [Judgements]
  ) -> RankingMetrics {
    precondition(queries.rows == judgements.count, "\(queries.rows) queries with \(judgements.count) judgements")
    let rankings = passages.rankings(for: queries, count: 100)
    return RankingMetrics(
      meanOf: zip(rankings, judgements).map { RankingMetrics(ranking: $0, judgements: $1) })
  }
}
