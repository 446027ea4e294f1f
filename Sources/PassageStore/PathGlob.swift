import LinuxSystem
package import SystemPackage

/// A pattern over the bytes of a path: `*` and `?` stop at slashes, `**` does not, `[a-z]` and `[!a-z]` are sets of
/// bytes but the slash, a backslash takes the next byte as it is. `**/` also stands for nothing: `**/a` matches `a`.
/// All of the path must match. A set that is not closed is a plain bracket.
///
/// A pattern is a nondeterministic automaton whose state `n` says that the first `n` pieces have matched. All states that
/// hold are the bits of a few words, so that a byte of a path costs a few operations for each 64 pieces (Baeza-Yates and
/// Gonnet 1992, doi 10.1145/135239.135243): a million paths are matched in a query.
package struct PathGlob: Sendable, Hashable {
  package let pattern: String
  /// Words of a set of states.
  private let words: Int
  private let last: Int
  /// 256 sets: the pieces that a byte matches, after which the next is to match.
  private let taken: [UInt64]
  /// Pieces that stay as they are for any byte, and for any byte but a slash.
  private let staying: [UInt64]
  private let stayingInName: [UInt64]
  /// Pieces that also stand for nothing, anywhere and at the beginning of a name.
  private let passed: [UInt64]
  private let passedAtStart: [UInt64]

  private enum Piece: Sendable, Hashable {
    case byte(UInt8)
    case anyByte
    case set([ClosedRange<UInt8>], negated: Bool)
    /// `*`
    case anyName
    /// `**`
    case anything
    /// `**/`
    case anyDirectories
  }

  package init(_ pattern: String) {
    self.pattern = pattern
    var pieces: [Piece] = []
    var rest = Array(pattern.utf8)[...]
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "*") where rest.first == byte:
        rest = rest.drop { $0 == byte }
        let startsName = pieces.isEmpty || pieces.last == .byte(UInt8(ascii: "/"))
        if startsName, rest.first == UInt8(ascii: "/") {
          rest.removeFirst()
          pieces.append(.anyDirectories)
        } else {
          pieces.append(.anything)
        }
      case UInt8(ascii: "*"): pieces.append(.anyName)
      case UInt8(ascii: "?"): pieces.append(.anyByte)
      case UInt8(ascii: "\\"): pieces.append(.byte(rest.popFirst() ?? byte))
      case UInt8(ascii: "["):
        if let (set, after) = Self.set(rest) {
          pieces.append(set)
          rest = after
        } else {
          pieces.append(.byte(byte))
        }
      default: pieces.append(.byte(byte))
      }
    }
    let count = pieces.count / 64 + 1
    var taken = [UInt64](repeating: 0, count: 256 * count)
    var sets = [[UInt64]](repeating: [UInt64](repeating: 0, count: count), count: 4)
    for (index, piece) in pieces.enumerated() {
      let (word, bit) = (index / 64, UInt64(1) << (index % 64))
      func take(_ matches: (UInt8) -> Bool) {
        for byte in UInt8.min...(.max) where matches(byte) { taken[Int(byte) * count + word] |= bit }
      }
      switch piece {
      case .byte(let wanted): taken[Int(wanted) * count + word] |= bit
      case .anyByte: take { $0 != UInt8(ascii: "/") }
      case .set(let ranges, let negated):
        take { byte in byte != UInt8(ascii: "/") && ranges.contains { $0.contains(byte) } != negated }
      case .anyName:
        sets[1][word] |= bit
        sets[2][word] |= bit
      case .anything:
        sets[0][word] |= bit
        sets[2][word] |= bit
      case .anyDirectories:
        sets[0][word] |= bit
        sets[3][word] |= bit
      }
    }
    words = count
    last = pieces.count
    self.taken = taken
    (staying, stayingInName, passed, passedAtStart) = (sets[0], sets[1], sets[2], sets[3])
  }

  package func matches(_ path: FilePath) -> Bool { matches(path.bytes) }

  func matches(_ path: [UInt8]) -> Bool {
    withUnsafeTemporaryAllocation(of: UInt64.self, capacity: words) { states in
      states.initialize(repeating: 0)
      states[0] = 1
      // The words beyond it hold no state.
      var used = close(states, used: 1, atNameStart: true)
      for byte in path {
        let isSlash = byte == UInt8(ascii: "/")
        var carried: UInt64 = 0
        var any: UInt64 = 0
        used = min(used + 1, words)
        for word in 0..<used {
          let moved = states[word] & taken[Int(byte) * words + word]
          let kept = states[word] & (isSlash ? staying[word] : staying[word] | stayingInName[word])
          states[word] = moved << 1 | carried | kept
          carried = moved >> 63
          any |= states[word]
        }
        guard any != 0 else { return false }
        used = close(states, used: used, atNameStart: isSlash)
      }
      return states[last / 64] & 1 << (last % 64) != 0
    }
  }

  /// Adds the states that are reached without a byte. Returns how many words hold states.
  private func close(_ states: UnsafeMutableBufferPointer<UInt64>, used: Int, atNameStart: Bool) -> Int {
    var isGrowing = true
    var used = min(used + 1, words)
    // Once for each piece in a row that stands for nothing: three at most.
    while isGrowing {
      isGrowing = false
      var carried: UInt64 = 0
      for word in 0..<used {
        let free = states[word] & (atNameStart ? passed[word] | passedAtStart[word] : passed[word])
        let grown = states[word] | free << 1 | carried
        isGrowing = isGrowing || grown != states[word]
        states[word] = grown
        carried = free >> 63
      }
    }
    while used > 1 && states[used - 1] == 0 { used -= 1 }
    return used
  }

  /// The set after a "[", and what follows it.
  private static func set(_ text: ArraySlice<UInt8>) -> (Piece, ArraySlice<UInt8>)? {
    var rest = text
    let negated = rest.first == UInt8(ascii: "!") || rest.first == UInt8(ascii: "^")
    if negated { rest.removeFirst() }
    var ranges: [ClosedRange<UInt8>] = []
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "]"), !ranges.isEmpty { return (.set(ranges, negated: negated), rest) }
      if rest.first == UInt8(ascii: "-"), let end = rest.dropFirst().first, end != UInt8(ascii: "]") {
        rest.removeFirst(2)
        if byte <= end { ranges.append(byte...end) } else { ranges.append(byte...byte) }
      } else {
        ranges.append(byte...byte)
      }
    }
    return nil
  }
}
