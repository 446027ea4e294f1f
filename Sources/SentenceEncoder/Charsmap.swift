/// SentencePiece's compiled normalisation rules (`precompiled_charsmap`): from short strings to what replaces them.
///
/// The layout, little-endian: u32 bytes of the trie; the trie, a double array of u32 as the darts-clone library writes
/// it; the replacements, UTF-8, each with a NUL behind. Source: sentencepiece's `normalizer.cc` and darts-clone's
/// `darts.h`, as documentation. Only what a tokenizer looks up is read: keys of at most five bytes.
struct Charsmap {
  /// A key, well-formed UTF-8 without U+0000, and its replacement.
  private(set) var rules: [(key: [UInt8], replacement: [UInt8])] = []

  /// Ten times what real ones have: the trie may be a graph that leads through the same place often, or a
  /// circle.
  private static let mostNodes = 100_000
  static let longestKey = 5

  /// Why a blob is no charsmap.
  struct Malformed: Error, Equatable {
    let got: String
    let expected: String
  }

  init(_ blob: [UInt8]) throws(Malformed) {
    guard blob.count >= 4 else { throw Malformed(got: "\(blob.count) bytes", expected: "4 or more") }
    let trieBytes = (0..<4).reduce(0) { $0 | Int(blob[$1]) << (8 * $1) }
    guard trieBytes % 4 == 0, trieBytes > 0, trieBytes <= blob.count - 4 else {
      throw Malformed(got: "a trie of \(trieBytes) bytes", expected: "a multiple of 4 within \(blob.count - 4) bytes")
    }
    let units = (0..<(trieBytes / 4)).map { index in
      (0..<4).reduce(UInt32(0)) { $0 | UInt32(blob[4 + 4 * index + $1]) << (8 * UInt32($1)) }
    }
    let replacements = Array(blob[(4 + trieBytes)...])

    // Depth first: the slot that a node's children are counted from, and the bytes that lead to it.
    var waiting: [(place: Int, key: [UInt8])] = [(Self.offset(units[0]), [])]
    var nodes = 0
    while let (place, key) = waiting.popLast() {
      nodes += 1
      guard nodes <= Self.mostNodes else {
        throw Malformed(got: "a trie of more than \(Self.mostNodes) keys", expected: "fewer")
      }
      for byte in UInt8(1)...255 {
        let slot = place ^ Int(byte)
        // A trie's unused slots are labelled so that they match no byte; those outside are never reached from a sound one.
        guard slot < units.count, units[slot] & 0x8000_00ff == UInt32(byte) else { continue }
        let child = slot ^ Self.offset(units[slot])
        let childKey = key + [byte]
        if units[slot] >> 8 & 1 == 1 {
          guard child < units.count else {
            throw Malformed(got: "a key's end at \(child)", expected: "one of \(units.count) slots")
          }
          let start = Int(units[child] & 0x7fff_ffff)
          guard start <= replacements.count else {
            throw Malformed(got: "a replacement at \(start)", expected: "one within \(replacements.count) bytes")
          }
          let replacement = Array(replacements[start...].prefix { $0 != 0 })
          guard String(validating: childKey, as: UTF8.self) != nil,
            String(validating: replacement, as: UTF8.self) != nil, replacement.count <= Int(UInt16.max)
          else {
            throw Malformed(got: "the rule \(childKey) → \(replacement.prefix(40))", expected: "UTF-8 below 64 KiB")
          }
          rules.append((childKey, replacement))
        }
        if childKey.count < Self.longestKey { waiting.append((child, childKey)) }
      }
    }
  }

  /// From a node's slot to its children's.
  private static func offset(_ unit: UInt32) -> Int { Int(unit >> 10) << Int((unit & 0x200) >> 6) }
}
