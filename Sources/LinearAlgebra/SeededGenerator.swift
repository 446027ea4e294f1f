import Glibc

/// A generator of random numbers that gives the same numbers for the same seed, everywhere and for ever: what is stored
/// with a seed alone (a rotation, a training) can be made again.
///
/// xoshiro256** (Blackman & Vigna 2021, doi 10.1145/3460772), its state filled by SplitMix64. Not for secrets.
package struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var state: (UInt64, UInt64, UInt64, UInt64)

  package init(seed: UInt64) {
    var mix = seed
    func splitMix() -> UInt64 {
      mix &+= 0x9E37_79B9_7F4A_7C15
      var z = mix
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
    state = (splitMix(), splitMix(), splitMix(), splitMix())
  }

  package mutating func next() -> UInt64 {
    let five = state.1 &* 5
    let result = ((five << 7) | (five >> 57)) &* 9
    let t = state.1 << 17
    state.2 ^= state.0
    state.3 ^= state.1
    state.1 ^= state.2
    state.0 ^= state.3
    state.2 ^= t
    state.3 = (state.3 << 45) | (state.3 >> 19)
    return result
  }

  /// Uniform in [0, 1), of 53 bits.
  package mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// Standard normal (Box–Muller; the second of each pair is thrown away, which keeps the state a pure count).
  package mutating func gaussian() -> Double {
    let radius = (-2 * log(1 - uniform())).squareRoot()
    return radius * cos(2 * .pi * uniform())
  }

  /// Uniform in 0..<bound, without bias worth a thought (bound ≪ 2⁶⁴).
  package mutating func index(below bound: Int) -> Int { Int(next().multipliedFullWidth(by: UInt64(bound)).high) }

  /// `count` different numbers of 0..<bound in random order; all of them where `count` ≥ `bound`.
  package mutating func sample(_ count: Int, below bound: Int) -> [Int] {
    // A partial Fisher–Yates shuffle that holds only what it moved.
    var moved: [Int: Int] = [:]
    return (0..<min(count, bound)).map { i in
      let j = i + index(below: bound - i)
      let chosen = moved[j] ?? j
      moved[j] = moved[i] ?? i
      return chosen
    }
  }
}
