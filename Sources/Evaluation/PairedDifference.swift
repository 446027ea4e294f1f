/// How much better one ranking answers some queries than another, in the mean, with its 95 % interval (paired bootstrap).
package struct PairedDifference: Sendable, Hashable, Codable, CustomStringConvertible {
  package let value: Double
  package let low: Double
  package let high: Double

  package init(value: Double, low: Double, high: Double) {
    (self.value, self.low, self.high) = (value, low, high)
  }

  /// - Parameters:
  ///   - gains: of each query, in one ranking.
  ///   - others: of each query, in the other.
  ///   - units: what was drawn together, as the queries of one passage, has one number: it is drawn again together.
  /// - Precondition: as many of each. Of no query, all is 0.
  package init(of gains: [Double], less others: [Double], units: [Int], resamples: Int = 4000, seed: UInt64) {
    precondition(gains.count == others.count && gains.count == units.count, "a gain and a unit a query")
    guard !gains.isEmpty else {
      self.init(value: 0, low: 0, high: 0)
      return
    }
    var places: [Int: Int] = [:]
    var (sums, counts): ([Double], [Double]) = ([], [])
    for (query, unit) in units.enumerated() {
      let place = places[unit] ?? places.count
      if place == sums.count {
        places[unit] = place
        sums.append(0)
        counts.append(0)
      }
      sums[place] += gains[query] - others[query]
      counts[place] += 1
    }
    let means = BootstrapEstimate.means(of: [sums, counts], resamples: resamples, seed: seed)
    let difference = means[0] / means[1]
    let interval = difference.interval
    self.init(value: difference.value, low: interval.lowerBound, high: interval.upperBound)
  }

  /// Whether it is worse beyond noise.
  package var isLoss: Bool { high < 0 }
  /// Whether it is better beyond noise.
  package var isGain: Bool { low > 0 }

  /// "+0.0021 (−0.0010 to +0.0052)".
  package var description: String { "\(Self.signed(value)) (\(Self.signed(low)) to \(Self.signed(high)))" }

  private static func signed(_ value: Double) -> String {
    let digits = String(Int((abs(value) * 1e4).rounded()))
    let padded = String(repeating: "0", count: max(0, 5 - digits.count)) + digits
    return (value < 0 ? "−" : "+") + padded.dropLast(4) + "." + padded.suffix(4)
  }
}
