package import Evaluation

/// A figure with the bounds of its 95 % interval.
package struct Interval: Sendable, Hashable, Encodable {
  package let value: Double
  package let low: Double
  package let high: Double

  package init(_ value: Double, _ low: Double, _ high: Double) {
    self.value = value
    self.low = low
    self.high = high
  }

  /// As the paired bootstrap found it.
  package init(_ estimate: BootstrapEstimate) {
    let bounds = estimate.interval
    self.init(estimate.value, bounds.lowerBound, bounds.upperBound)
  }
}
