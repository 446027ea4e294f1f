import Foundation

/// How good one ranking is against judgements, or the mean over many.
///
/// nDCG has linear gain (Järvelin & Kekäläinen 2002, as in trec_eval's `ndcg_cut`): DCG@10 = Σ gain / log₂(rank + 1),
/// divided by that of the best possible ranking of *all* judged passages. Passages not judged have no gain.
package struct RankingMetrics: Sendable, Equatable {
  package var ndcgAt10: Double
  package var recallAt10: Double
  package var recallAt100: Double
  /// One over the rank of the first relevant passage, 0 where none is among the first ten.
  package var mrrAt10: Double

  package init(ndcgAt10: Double, recallAt10: Double, recallAt100: Double, mrrAt10: Double) {
    self.ndcgAt10 = ndcgAt10
    self.recallAt10 = recallAt10
    self.recallAt100 = recallAt100
    self.mrrAt10 = mrrAt10
  }

  /// The metrics of one query. `ranking` holds passage rows, best first, 100 at least where the corpus has as many;
  /// at least one judged gain must be above 0.
  package init(ranking: [Int], judgements: Judgements) {
    let relevant = Double(judgements.relevantCount)
    precondition(relevant > 0, "a query without a relevant passage has no metrics")
    let gains = ranking.prefix(100).map { max(judgements.gains[$0] ?? 0, 0) }
    let best = (Array(judgements.gains.values) + judgements.unretrievable).map { max($0, 0) }.sorted(by: >)
    ndcgAt10 = Self.discounted(gains) / Self.discounted(best)
    recallAt10 = Double(gains.prefix(10).count { $0 > 0 }) / relevant
    recallAt100 = Double(gains.count { $0 > 0 }) / relevant
    mrrAt10 = gains.prefix(10).firstIndex { $0 > 0 }.map { 1 / Double($0 + 1) } ?? 0
  }

  /// The mean over queries (or over runs). `metrics` must not be empty.
  package init(meanOf metrics: [RankingMetrics]) {
    precondition(!metrics.isEmpty, "no metrics to take the mean of")
    func mean(_ value: (RankingMetrics) -> Double) -> Double {
      metrics.reduce(0) { $0 + value($1) } / Double(metrics.count)
    }
    ndcgAt10 = mean(\.ndcgAt10)
    recallAt10 = mean(\.recallAt10)
    recallAt100 = mean(\.recallAt100)
    mrrAt10 = mean(\.mrrAt10)
  }

  private static func discounted(_ gains: [Double]) -> Double {
    gains.prefix(10).enumerated().reduce(0) { $0 + $1.element / log2(Double($1.offset + 2)) }
  }
}
