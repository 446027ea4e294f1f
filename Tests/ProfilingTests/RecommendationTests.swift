import Evaluation
import Profiling
import RateReduction
import Testing

@Suite("What a profile recommends")
struct RecommendationTests {
  private func recommend(
    _ rows: [ProfileRow], kept: Double = 0.97, bytes: Int = 384, structure: ClusterStructure = ProfileRows.structure
  ) -> Recommendation {
    Recommendation(from: rows, thresholds: ProfileThresholds(kept: kept, bytes: bytes), structure: structure)
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let rows: [ProfileRow]
    var kept = 0.97
    var bytes = 384
    /// Method, dimensions, bits.
    let expected: (ProjectionMethod, Int, Int)?
    var isReached = true
    var helps: Bool? = true
  }

  private static let whitened4 = ProfileRows.row(.pcaWhitened, 128, 4, (0.99, 0.985, 0.995))
  private static let whitened2 = ProfileRows.row(.pcaWhitened, 128, 2, (0.95, 0.94, 0.96))
  private static let trained2 = ProfileRows.row(.mcr2, 128, 2, (0.985, 0.976, 0.994), over: (0.035, 0.02, 0.05))
  private static let trained1 = ProfileRows.row(.mcr2, 128, 1, (0.91, 0.90, 0.92), over: (0.02, 0.01, 0.03))
  private static let idle2 = ProfileRows.row(.mcr2, 128, 2, (0.985, 0.976, 0.994), over: (0.035, -0.001, 0.05))
  private static let whole = ProfileRows.row(.full, 384, 32, (1, 1, 1))

  static let cases = [
    Case(
      testDescription: "the fewest bytes that reach the threshold",
      rows: [whole, whitened4, whitened2, trained2, trained1],
      expected: (.mcr2, 128, 2)),
    Case(
      testDescription: "the lower bound counts, not the figure", rows: [whole, whitened4, trained2, trained1],
      kept: 0.98,
      expected: (.pcaWhitened, 128, 4)),
    Case(
      testDescription: "MCR² within noise of whitened PCA does not count", rows: [whole, whitened4, whitened2, idle2],
      expected: (.pcaWhitened, 128, 4), helps: false),
    Case(
      testDescription: "of the same bytes what surely keeps more",
      rows: [whole, whitened4, ProfileRows.row(.mcr2, 128, 4, (1, 0.995, 1.005), over: (0.01, 0.005, 0.015))],
      expected: (.mcr2, 128, 4)),
    Case(
      testDescription: "MCR² that judged queries show to lose does not count",
      rows: [
        whole, whitened4,
        ProfileRows.row(
          .mcr2, 128, 2, (0.985, 0.976, 0.994), over: (0.035, 0.02, 0.05),
          and: ProfileRows.measure((0.985, 0.975, 0.99), over: (-0.02, -0.03, -0.01), queries: .judged)),
      ], expected: (.pcaWhitened, 128, 4), helps: false),
    Case(
      testDescription: "the least sure measure decides",
      rows: [
        whole, whitened4,
        ProfileRows.row(
          .pcaWhitened, 128, 2, (0.99, 0.98, 1.0), and: ProfileRows.measure((0.96, 0.93, 0.99), queries: .judged)),
      ], expected: (.pcaWhitened, 128, 4), helps: nil),
    Case(
      testDescription: "nothing reaches it: the surest there is", rows: [whole, whitened4, whitened2], kept: 0.99,
      expected: (.pcaWhitened, 128, 4), isReached: false, helps: nil),
    Case(
      testDescription: "what takes more bytes than allowed is out", rows: [whole, whitened4, whitened2], bytes: 63,
      expected: (.pcaWhitened, 128, 2), isReached: false, helps: nil),
    Case(
      testDescription: "nothing fits", rows: [whole, whitened4], bytes: 16, expected: nil, isReached: false, helps: nil),
    Case(
      testDescription: "only what the daemon can do",
      rows: [whole, ProfileRows.row(.pca, 128, 2, (1, 1, 1)), whitened4],
      expected: (.pcaWhitened, 128, 4), helps: nil),
    Case(
      testDescription: "no multiple of eight dimensions",
      rows: [whole, ProfileRows.row(.pcaWhitened, 100, 2, (1, 1, 1)), whitened4], expected: (.pcaWhitened, 128, 4),
      helps: nil),
    Case(
      testDescription: "a wide code counts among the bytes",
      rows: [whole, whitened4, ProfileRows.row(.pcaWhitened, 128, 1, (1, 1, 1), rescorer: .wide)],
      expected: (.pcaWhitened, 128, 4), helps: nil),
  ]

  @Test(arguments: cases) func `is the fewest bytes that surely suffice`(_ example: Case) {
    let found = recommend(example.rows, kept: example.kept, bytes: example.bytes)
    #expect(found.point?.method == example.expected?.0)
    #expect(found.point?.dimensions == example.expected?.1)
    #expect(found.point?.bits == example.expected?.2)
    #expect(found.isReached == example.isReached)
    #expect(found.rateReductionHelps == example.helps)
    #expect(found.configuration.isEmpty == (example.expected == nil))
  }

  @Test func `says what, how small, how sure, what was rejected, and the lines to put in`() {
    let found = recommend([Self.whole, Self.whitened4, Self.whitened2, Self.trained2, Self.trained1])
    #expect(
      found.sentence
        == "Use mcr2, 128-d × 2 bits (32 bytes a passage, 48 times smaller than float vectors): it keeps 0.985 (0.976 "
        + "to 0.994) of the whole vectors' nDCG@10 on 900 held-out questions, and nothing smaller that was measured "
        + "surely keeps 0.970.")
    let reasons = found.reasons.joined(separator: "\n")
    #expect(reasons.contains("Whitened PCA in the same bytes keeps 0.950"), "\(reasons)")
    #expect(reasons.contains("MCR² is +0.035 (+0.020 to +0.050) above it"), "\(reasons)")
    #expect(reasons.contains("Rejected: mcr2, 128-d × 1 bit, 16 bytes, keeps 0.910"), "\(reasons)")
    #expect(found.configuration == ["[projector]", "dimensions = 128", "bits = 2", "rescore = false", "train = true"])
  }

  @Test(arguments: [(0.4, true), (0.01, false)])
  func `says where the second stage ranks so many again that the first hardly counts`(share: Double, isSaid: Bool) {
    let staged = ProfileRows.row(.pcaWhitened, 128, 1, (1, 0.99, 1.01), rescorer: .wide)
    let row = ProfileRow(
      point: staged.point, measures: staged.measures, cost: staged.cost, candidateShare: share)
    let found = recommend([Self.whole, row])
    #expect(found.point == staged.point && found.configuration.contains("rescore = true"))
    #expect(found.reasons.contains { $0.contains("ranks 40 % of these passages again") } == isSaid)
  }

  @Test func `says where there is too little structure for MCR² to help, and recommends whitened PCA`() {
    let structure = ClusterStructure(effectiveRank: 310, dimensions: 384, agreement: 0.12, chance: 0.1)
    let found = recommend([Self.whole, Self.whitened4, Self.whitened2, Self.idle2], structure: structure)
    let reasons = found.reasons.joined(separator: "\n")
    #expect(reasons.contains("too little cluster structure for MCR² to help"), "\(reasons)")
    #expect(reasons.contains("(at best +0.035 (−0.001 to +0.050), mcr2, 128-d × 2 bits)"), "\(reasons)")
    #expect(
      reasons.contains("effective rank 310 of 384; 12 % of a passage's nearest ten are of its folder"), "\(reasons)")
    #expect(found.configuration.last == "train = false")
  }

  @Test func `a rate reduction that loses beyond noise is switched off, and the figures stand there`() {
    func recommended(_ low: Double, _ high: Double) -> Recommendation {
      recommend([
        Self.whole, Self.whitened4, Self.whitened2,
        Self.trained2.over(distillation: [Interval((low + high) / 2, low, high)]),
      ])
    }
    let lost = recommended(-0.02, -0.004)
    #expect(lost.rateReductionLoses == true && lost.point?.method == .mcr2)
    #expect(lost.configuration.suffix(2) == ["train = true", "classes = \"none\""])
    #expect(
      lost.reasons.contains(
        "Its rate reduction against distillation alone (β 0): −0.012 (−0.020 to −0.004) on held-out questions; that is a "
          + "loss beyond noise, so train by distillation alone: classes = \"none\"."))
    let kept = recommended(-0.02, 0.004)
    #expect(kept.rateReductionLoses == false && kept.configuration.last == "train = true")
    #expect(kept.reasons.contains { $0.hasSuffix("no loss beyond noise, so it stays.") })
    let won = recommended(0.002, 0.01)
    #expect(won.rateReductionLoses == false && won.reasons.contains { $0.hasSuffix("that is a gain beyond noise.") })
    #expect(recommend([Self.whole, Self.trained2]).rateReductionLoses == nil)
  }
}
