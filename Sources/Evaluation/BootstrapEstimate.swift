import LinearAlgebra

/// A figure over some queries, and what it is over queries drawn from them again and again: how far it may be off.
///
/// The paired bootstrap (Efron & Tibshirani 1993; for retrieval, Sakai 2006): every resample draws as many queries as there
/// are, with replacement, the same ones for all figures of a call of ``means(of:resamples:seed:)``. What is computed of
/// several figures (shares, differences, means over sets) is computed within each resample, so that what they have in
/// common does not blur it.
package struct BootstrapEstimate: Sendable, Equatable {
  /// Over the queries as they are.
  package let value: Double
  /// Over each resample.
  package let resampled: [Double]

  package init(value: Double, resampled: [Double]) {
    self.value = value
    self.resampled = resampled
  }

  /// The mean of each series, one number a query in each.
  ///
  /// - Precondition: all series have the same count, not 0.
  package static func means(
    of series: [[Double]], resamples: Int = 10_000, seed: UInt64
  ) -> [BootstrapEstimate] {
    guard let count = series.first?.count else { return [] }
    precondition(count > 0 && series.allSatisfy { $0.count == count }, "series of other lengths than \(count)")
    var generator = SeededGenerator(seed: seed)
    // One column a query, so that a resample reads its draws once for all series.
    let columns = (0..<count).flatMap { query in series.map { $0[query] } }
    var sums = [Double](repeating: 0, count: resamples * series.count)
    columns.withUnsafeBufferPointer { columns in
      sums.withUnsafeMutableBufferPointer { sums in
        for resample in 0..<resamples {
          for _ in 0..<count {
            let query = generator.index(below: count) * series.count
            for i in 0..<series.count { sums[resample * series.count + i] += columns[query + i] }
          }
        }
      }
    }
    return series.enumerated().map { i, values in
      BootstrapEstimate(
        value: values.reduce(0, +) / Double(count),
        resampled: (0..<resamples).map { sums[$0 * series.count + i] / Double(count) })
    }
  }

  /// The mean of figures over sets of queries that were drawn independently.
  package static func mean(of estimates: [BootstrapEstimate]) -> BootstrapEstimate {
    precondition(!estimates.isEmpty, "the mean of nothing")
    let share = 1 / Double(estimates.count)
    let resampled = estimates[0].resampled.indices.map { i in
      estimates.reduce(0) { $0 + $1.resampled[i] } * share
    }
    return BootstrapEstimate(value: estimates.reduce(0) { $0 + $1.value } * share, resampled: resampled)
  }

  package static func - (a: BootstrapEstimate, b: BootstrapEstimate) -> BootstrapEstimate { combine(a, b, -) }

  /// Resamples whose divisor is 0 are left out of ``interval``.
  package static func / (a: BootstrapEstimate, b: BootstrapEstimate) -> BootstrapEstimate { combine(a, b, /) }

  private static func combine(
    _ a: BootstrapEstimate, _ b: BootstrapEstimate, _ operation: (Double, Double) -> Double
  ) -> BootstrapEstimate {
    precondition(a.resampled.count == b.resampled.count, "estimates of other resamples")
    return BootstrapEstimate(
      value: operation(a.value, b.value), resampled: zip(a.resampled, b.resampled).map { operation($0, $1) })
  }

  /// From the 2.5th to the 97.5th percentile of the resamples; the value itself where there are none.
  package var interval: ClosedRange<Double> {
    let sorted = resampled.filter(\.isFinite).sorted()
    guard !sorted.isEmpty else { return value...value }
    let low = Int((0.025 * Double(sorted.count)).rounded(.down))
    return sorted[low]...sorted[sorted.count - 1 - low]
  }
}
