import Evaluation
import LinearAlgebra
import Testing

@Suite("Paired differences")
struct PairedDifferenceTests {
  @Test func `a difference beyond noise is told from one within it`() {
    var random = SeededGenerator(seed: 12)
    let base = (0..<300).map { _ in random.uniform() }
    func difference(_ shift: Double) -> PairedDifference {
      let other = base.map { $0 + shift + 0.1 * random.gaussian() }
      return PairedDifference(of: other, less: base, units: Array(base.indices), seed: 3)
    }
    let (better, worse, same) = (difference(0.05), difference(-0.05), difference(0))
    #expect(better.isGain && !better.isLoss && worse.isLoss && !worse.isGain)
    #expect(!same.isGain && !same.isLoss, "\(same)")
    // ± 1.96 · .1 / √300
    #expect(abs((better.high - better.low) / 2 - 0.0113) < 0.002, "\(better)")
  }

  @Test func `queries that were drawn together count as one, however many they are`() {
    var random = SeededGenerator(seed: 13)
    let gains = (0..<100).map { _ in random.gaussian() }
    let zeros = [Double](repeating: 0, count: 400)
    let single = PairedDifference(of: gains, less: Array(zeros[0..<100]), units: Array(0..<100), seed: 5)
    let fourfold = PairedDifference(
      of: (0..<400).map { gains[$0 / 4] }, less: zeros, units: (0..<400).map { $0 / 4 }, seed: 5)
    #expect(abs(single.value - fourfold.value) < 1e-12)
    #expect(abs(single.low - fourfold.low) < 1e-12 && abs(single.high - fourfold.high) < 1e-12)
    #expect("\(PairedDifference(value: -0.00215, low: -1.5, high: 0.00004))" == "−0.0022 (−1.5000 to +0.0000)")
    #expect(PairedDifference(of: [], less: [], units: [], seed: 1) == PairedDifference(value: 0, low: 0, high: 0))
  }
}
