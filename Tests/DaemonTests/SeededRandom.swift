import Foundation

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers for the same seed.
struct SeededRandom: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// The seed of $FUMIKURA_SEED, else a new one; printed, so that a failure can be had again.
  static func announced(_ what: String) -> SeededRandom {
    let seed =
      ProcessInfo.processInfo.environment["FUMIKURA_SEED"].flatMap(UInt64.init) ?? UInt64.random(in: 0...UInt64.max)
    print("\(what): FUMIKURA_SEED=\(seed)")
    return SeededRandom(seed: seed)
  }

  /// Whether $FUMIKURA_LONG asks for more rounds than a check of every change should take.
  static var isLong: Bool { ProcessInfo.processInfo.environment["FUMIKURA_LONG"] == "1" }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }

  mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }
}
