import LinuxSystem
package import SystemPackage

/// A pattern over the bytes of a path: `*` and `?` stop at slashes, `**` does not, `[a-z]` and `[!a-z]` are sets of
/// bytes but the slash, a backslash takes the next byte as it is. `**/` also stands for nothing: `**/a` matches `a`.
/// All of the path must match. A set that is not closed is a plain bracket.
package struct PathGlob: Sendable, Hashable {
  package let pattern: String
  private let pieces: [Piece]

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
    self.pieces = pieces
  }

  package func matches(_ path: FilePath) -> Bool { matches(path.bytes) }

  /// The states of a nondeterministic automaton, one bit a piece: time is pattern × path, whatever the pattern.
  func matches(_ path: [UInt8]) -> Bool {
    var states = [Bool](repeating: false, count: pieces.count + 1)
    states[0] = true
    close(&states, atNameStart: true)
    for byte in path {
      let isSlash = byte == UInt8(ascii: "/")
      var next = [Bool](repeating: false, count: states.count)
      for (index, piece) in pieces.enumerated() where states[index] {
        switch piece {
        case .byte(let wanted): if byte == wanted { next[index + 1] = true }
        case .anyByte: if !isSlash { next[index + 1] = true }
        case .set(let ranges, let negated):
          if !isSlash, ranges.contains(where: { $0.contains(byte) }) != negated { next[index + 1] = true }
        case .anyName: if !isSlash { next[index] = true }
        case .anything: next[index] = true
        case .anyDirectories: next[index] = true
        }
      }
      states = next
      close(&states, atNameStart: isSlash)
      guard states.contains(true) else { return false }
    }
    return states[pieces.count]
  }

  /// Adds the states that are reached without a byte.
  private func close(_ states: inout [Bool], atNameStart: Bool) {
    for (index, piece) in pieces.enumerated() where states[index] {
      switch piece {
      case .anyName, .anything: states[index + 1] = true
      case .anyDirectories: if atNameStart { states[index + 1] = true }
      default: break
      }
    }
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
