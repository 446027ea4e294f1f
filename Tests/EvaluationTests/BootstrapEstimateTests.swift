import Evaluation
import Foundation
import LinearAlgebra
import Testing

@Suite("Paired bootstrap")
struct BootstrapEstimateTests {
  private func normal(_ count: Int, seed: UInt64) -> [Double] {
    var random = SeededGenerator(seed: seed)
    return (0..<count).map { _ in 3 + random.gaussian() }
  }

  /// The interval of a mean of normal values is known: ± 1.96 σ / √n.
  @Test func `the interval of a mean is as wide as theory has it`() {
    let values = normal(400, seed: 1)
    let estimate = BootstrapEstimate.means(of: [values], seed: 2)[0]
    let mean = values.reduce(0, +) / 400
    let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 400).squareRoot()
    #expect(abs(estimate.value - mean) < 1e-12)
    #expect(estimate.resampled.count == 10_000)
    let half = 1.96 * deviation / 20
    #expect(abs(estimate.interval.lowerBound - (mean - half)) < 0.006)
    #expect(abs(estimate.interval.upperBound - (mean + half)) < 0.006)
  }

  @Test func `what two figures have in common does not blur their difference or their ratio`() {
    let values = normal(50, seed: 3)
    let estimates = BootstrapEstimate.means(of: [values, values.map { $0 + 0.25 }, values.map { $0 * 0.9 }], seed: 4)
    let difference = estimates[1] - estimates[0]
    #expect(abs(difference.value - 0.25) < 1e-12)
    #expect(difference.interval.upperBound - difference.interval.lowerBound < 1e-12)
    let share = estimates[2] / estimates[0]
    #expect(abs(share.value - 0.9) < 1e-12)
    #expect(abs(share.interval.lowerBound - 0.9) < 1e-12 && abs(share.interval.upperBound - 0.9) < 1e-12)
    #expect(estimates[0].interval.upperBound - estimates[0].interval.lowerBound > 0.3)
  }

  @Test func `the mean over independent sets is as much surer as there are sets`() {
    let sets = (0..<4).map { BootstrapEstimate.means(of: [normal(100, seed: 5 + $0)], seed: 50 + $0)[0] }
    func width(_ estimate: BootstrapEstimate) -> Double { estimate.interval.upperBound - estimate.interval.lowerBound }
    let mean = BootstrapEstimate.mean(of: sets)
    #expect(abs(mean.value - sets.reduce(0) { $0 + $1.value } / 4) < 1e-12)
    let single = sets.reduce(0) { $0 + width($1) } / 4
    #expect((0.45...0.55).contains(width(mean) / single), "\(width(mean) / single)")
  }

  @Test func `the same seed draws the same queries, another one others`() {
    let values = normal(30, seed: 9)
    let first = BootstrapEstimate.means(of: [values], resamples: 50, seed: 1)
    #expect(BootstrapEstimate.means(of: [values], resamples: 50, seed: 1) == first)
    #expect(BootstrapEstimate.means(of: [values], resamples: 50, seed: 2) != first)
  }

  @Test func `resamples in which there is nothing to divide by are left out`() {
    // One query of three has anything: (2/3)³ of the resamples miss it.
    let estimates = BootstrapEstimate.means(of: [[0, 0, 1], [0, 0, 2]], seed: 1)
    let share = estimates[0] / estimates[1]
    #expect(share.value == 0.5)
    #expect(share.interval == 0.5...0.5)
    #expect(share.resampled.contains { $0.isNaN })
  }
}
