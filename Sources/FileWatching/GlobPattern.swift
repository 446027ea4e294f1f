/// One pattern of gitignore(5): `*`, `?`, `[...]`, `**`, a leading `/` or an inner `/` that anchors it to the share's
/// root, a trailing `/` for directories alone, a leading `!` that takes back what an earlier pattern ignored, `\` before
/// a character that stands for itself.
///
/// Names are bytes: `?` and `[...]` take one UTF-8 character where the bytes are one, else one byte.
struct GlobPattern: Sendable, Hashable {
  /// Whether a match includes again instead of ignoring.
  let isNegated: Bool
  /// Whether it matches directories alone.
  let isDirectoryOnly: Bool
  /// Whether it is held against the whole path instead of the last component.
  let isAnchored: Bool
  private let components: [Component]

  private enum Component: Hashable { case anyDepth, name([Token]) }

  private enum Token: Hashable {
    case byte(UInt8)
    case anyCharacter
    case anyRun
    case set([ClosedRange<UInt32>], isNegated: Bool)
  }

  /// The pattern of this text, or why it is none.
  init(_ text: String) throws(IgnoreRuleError) {
    var bytes = Array(text.utf8)[...]
    isNegated = bytes.first == UInt8(ascii: "!")
    if isNegated { bytes.removeFirst() }
    isDirectoryOnly = bytes.last == UInt8(ascii: "/")
    if isDirectoryOnly { bytes.removeLast() }
    let startsAtRoot = bytes.first == UInt8(ascii: "/")
    if startsAtRoot { bytes.removeFirst() }
    guard !bytes.isEmpty else { throw IgnoreRuleError(pattern: text, reason: "it names nothing") }
    guard !bytes.contains(0) else { throw IgnoreRuleError(pattern: text, reason: "a name cannot hold a NUL byte") }
    let parts = try Self.split(bytes, of: text)
    isAnchored = startsAtRoot || parts.count > 1
    var components: [Component] = []
    for part in parts {
      if part.elementsEqual("**".utf8) {
        if components.last != .anyDepth { components.append(.anyDepth) }
      } else {
        components.append(.name(try Self.tokens(of: part, in: text)))
      }
    }
    self.components = components
  }

  /// Whether a path, given as its components from the share's root, is what the pattern names (not merely beneath it).
  func matches(_ path: [ArraySlice<UInt8>], isDirectory: Bool, ignoringCase: Bool = false) -> Bool {
    guard isDirectory || !isDirectoryOnly, let last = path.last else { return false }
    guard isAnchored else {
      guard case .name(let tokens) = components[0] else { return true }
      return Self.match(tokens, last, ignoringCase: ignoringCase)
    }
    // reachable[j]: the components so far can take exactly the first j of the path.
    var reachable = [Bool](repeating: false, count: path.count + 1)
    reachable[0] = true
    for (index, component) in components.enumerated() {
      switch component {
      case .anyDepth:
        // At the end `**` is everything inside, so at least one component.
        let least = index == components.count - 1 ? 1 : 0
        var next = [Bool](repeating: false, count: reachable.count)
        if let first = reachable.firstIndex(of: true) {
          for position in (first + least)..<max(first + least, next.count) { next[position] = true }
        }
        reachable = next
      case .name(let tokens):
        var next = [Bool](repeating: false, count: reachable.count)
        for position in 0..<path.count where reachable[position] {
          next[position + 1] = Self.match(tokens, path[position], ignoringCase: ignoringCase)
        }
        reachable = next
      }
    }
    return reachable[path.count]
  }

  private static func split(_ bytes: ArraySlice<UInt8>, of text: String) throws(IgnoreRuleError) -> [ArraySlice<UInt8>]
  {
    let parts = bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    guard parts.allSatisfy({ !$0.isEmpty }) else {
      throw IgnoreRuleError(pattern: text, reason: "it has an empty name")
    }
    return parts
  }

  private static func tokens(of part: ArraySlice<UInt8>, in text: String) throws(IgnoreRuleError) -> [Token] {
    var tokens: [Token] = []
    var rest = part
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "*"): if tokens.last != .anyRun { tokens.append(.anyRun) }
      case UInt8(ascii: "?"): tokens.append(.anyCharacter)
      case UInt8(ascii: "["): tokens.append(try set(&rest, in: text))
      case UInt8(ascii: "\\"):
        guard let escaped = rest.popFirst() else {
          throw IgnoreRuleError(pattern: text, reason: "nothing follows its last backslash")
        }
        tokens.append(.byte(escaped))
      default: tokens.append(.byte(byte))
      }
    }
    return tokens
  }

  /// What stands between `[` and `]`; a `]` right after the opening stands for itself.
  private static func set(_ rest: inout ArraySlice<UInt8>, in text: String) throws(IgnoreRuleError) -> Token {
    let open = IgnoreRuleError(pattern: text, reason: "its [ has no ]")
    var isNegated = false
    if let first = rest.first, first == UInt8(ascii: "!") || first == UInt8(ascii: "^") {
      isNegated = true
      rest.removeFirst()
    }
    var ranges: [ClosedRange<UInt32>] = []
    var isFirst = true
    while true {
      guard let next = rest.first else { throw open }
      if next == UInt8(ascii: "]") && !isFirst {
        rest.removeFirst()
        return .set(ranges, isNegated: isNegated)
      }
      isFirst = false
      guard let low = member(&rest) else { throw open }
      var high = low
      if rest.first == UInt8(ascii: "-"), rest.dropFirst().first.map({ $0 != UInt8(ascii: "]") }) ?? false {
        rest.removeFirst()
        guard let end = member(&rest) else { throw open }
        high = end
      }
      guard low <= high else { throw IgnoreRuleError(pattern: text, reason: "a range in its [] runs backwards") }
      ranges.append(low...high)
    }
  }

  private static func member(_ rest: inout ArraySlice<UInt8>) -> UInt32? {
    if rest.first == UInt8(ascii: "\\") { rest.removeFirst() }
    guard !rest.isEmpty else { return nil }
    let (value, length) = character(rest)
    rest.removeFirst(length)
    return value
  }

  /// The character at the start of `bytes`, which are not empty, and how many bytes it takes. A byte that starts no
  /// UTF-8 character is taken alone, with a value that no character has.
  private static func character(_ bytes: ArraySlice<UInt8>) -> (value: UInt32, length: Int) {
    let first = bytes[bytes.startIndex]
    if first < 0x80 { return (UInt32(first), 1) }
    let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
    let decoded = String(validating: bytes.prefix(length), as: UTF8.self)?.unicodeScalars
    guard let decoded, decoded.count == 1 else { return (0x11_0000 + UInt32(first), 1) }
    return (decoded.first!.value, length)
  }

  /// Whether the tokens take all of `name`: on a mismatch the last run takes one byte more.
  private static func match(_ tokens: [Token], _ name: ArraySlice<UInt8>, ignoringCase: Bool) -> Bool {
    var token = 0
    var position = name.startIndex
    var retry: (token: Int, position: Int)?
    while true {
      if token < tokens.count {
        if case .anyRun = tokens[token] {
          token += 1
          retry = (token, position)
          continue
        }
        if position < name.endIndex, let length = step(tokens[token], name[position...], ignoringCase: ignoringCase) {
          token += 1
          position += length
          continue
        }
      } else if position == name.endIndex {
        return true
      }
      guard let from = retry, from.position < name.endIndex else { return false }
      retry = (from.token, from.position + 1)
      token = from.token
      position = from.position + 1
    }
  }

  /// How many bytes the token takes at the start of `bytes`, or nil where it does not fit.
  private static func step(_ token: Token, _ bytes: ArraySlice<UInt8>, ignoringCase: Bool) -> Int? {
    switch token {
    case .anyRun: return nil
    case .byte(let wanted):
      let found = bytes[bytes.startIndex]
      return found == wanted || ignoringCase && lowered(found) == lowered(wanted) ? 1 : nil
    case .anyCharacter: return character(bytes).length
    case .set(let ranges, let isNegated):
      let (value, length) = character(bytes)
      return ranges.contains { $0.contains(value) } != isNegated ? length : nil
    }
  }

  private static func lowered(_ byte: UInt8) -> UInt8 { (65...90).contains(byte) ? byte + 32 : byte }
}
