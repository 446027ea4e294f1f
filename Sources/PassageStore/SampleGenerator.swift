/// SplitMix64 (Steele, Lea, Flood 2014, doi 10.1145/2660193.2660195): a choice that comes again from its seed.
struct SampleGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// `count` of the ids, or all where there are fewer, sorted: uniform without replacement.
  static func choose(_ count: Int, of ids: [Int64], seed: UInt64) -> [Int64] {
    guard count > 0 else { return [] }
    var ids = ids.sorted()
    guard count < ids.count else { return ids }
    var generator = SampleGenerator(seed: seed)
    for index in 0..<count { ids.swapAt(index, Int.random(in: index..<ids.count, using: &generator)) }
    return ids[..<count].sorted()
  }
}
