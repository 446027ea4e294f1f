import Evaluation
import LinearAlgebra
import Testing

@Suite("Metrics of a ranking")
struct RankingMetricsTests {
  /// The ids and judgements were given to pytrec-eval-terrier 0.5.11 (`ndcg_cut.10`, `recall.10,100`, `recip_rank`).
  @Test func `graded judgements give what trec_eval gives, an unretrievable passage and a negative gain included`() {
    let judgements = Judgements(
      gains: [0: 3, 1: 2, 2: 0, 3: 1, 6: 2, 11: 1, 4: -1], unretrievable: [1])
    let metrics = RankingMetrics(ranking: [2, 1, 5, 3, 4, 7, 6, 0, 8, 9, 10, 11], judgements: judgements)
    #expect(abs(metrics.ndcgAt10 - 0.513642766209715) < 1e-12)
    #expect(abs(metrics.recallAt10 - 0.6666666666666666) < 1e-12)
    #expect(abs(metrics.recallAt100 - 0.8333333333333334) < 1e-12)
    #expect(metrics.mrrAt10 == 0.5)
  }

  /// By hand: one relevant passage at rank 3: 1 / log₂ 4 = ½; reciprocal rank ⅓.
  @Test func `one relevant passage at rank three has nDCG one half`() {
    let metrics = RankingMetrics(ranking: [4, 5, 9], judgements: Judgements(gains: [9: 1]))
    #expect(metrics == RankingMetrics(ndcgAt10: 0.5, recallAt10: 1, recallAt100: 1, mrrAt10: 1.0 / 3))
  }

  @Test func `rank eleven counts for recall at 100 alone`() {
    let metrics = RankingMetrics(ranking: Array(0..<200), judgements: Judgements(gains: [10: 1, 150: 1]))
    #expect(metrics == RankingMetrics(ndcgAt10: 0, recallAt10: 0, recallAt100: 0.5, mrrAt10: 0))
  }

  @Test func `the mean is taken metric by metric`() {
    let a = RankingMetrics(ndcgAt10: 1, recallAt10: 0.5, recallAt100: 1, mrrAt10: 0)
    let b = RankingMetrics(ndcgAt10: 0, recallAt10: 0.25, recallAt100: 1, mrrAt10: 0.5)
    #expect(
      RankingMetrics(meanOf: [a, b])
        == RankingMetrics(ndcgAt10: 0.5, recallAt10: 0.375, recallAt100: 1, mrrAt10: 0.25))
  }

  @Test func `the best rows come best first, equal scores by the lower row`() {
    let scores: [Float] = [0.5, 0.9, 0.5, -1, 0.9, 0.5]
    #expect(Ranking.best(4, of: scores) == [1, 4, 0, 2])
    #expect(Ranking.best(10, of: scores) == [1, 4, 0, 2, 5, 3])
    #expect(Ranking.best(0, of: scores) == [])
  }

  @Test(arguments: [UInt64](1...20)) func `the heap agrees with a plain sort`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let scores = (0..<Int.random(in: 1...400, using: &generator)).map { _ in
      Float(Int.random(in: -20...20, using: &generator))
    }
    let sorted = scores.indices.sorted { (scores[$1], $0) < (scores[$0], $1) }
    let count = Int.random(in: 0...120, using: &generator)
    #expect(Ranking.best(count, of: scores) == Array(sorted.prefix(count)), "seed \(seed)")
  }
}
