import Foundation

extension Duration {
  var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
  var milliseconds: Double { seconds * 1000 }
}

extension Double {
  /// With exactly `decimals` places, a point, and no grouping, in every locale.
  func formatted(decimals: Int) -> String { String(format: "%.\(decimals)f", locale: nil, self) }
}

extension [Double] {
  /// Of a sample (n − 1); nil of fewer than two values.
  var standardDeviation: Double? {
    guard count > 1 else { return nil }
    let mean = reduce(0, +) / Double(count)
    return (reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count - 1)).squareRoot()
  }

  /// The value that `share` of the values do not exceed (nearest rank). The array must not be empty.
  func percentile(_ share: Double) -> Double {
    let place = Int((share * Double(count)).rounded(.up)) - 1
    return sorted()[Swift.min(Swift.max(place, 0), count - 1)]
  }
}
