import Foundation

extension Double {
  /// With exactly `decimals` places, a point, and no grouping, in every locale.
  func formatted(decimals: Int) -> String { String(format: "%.\(decimals)f", locale: nil, self) }
}
