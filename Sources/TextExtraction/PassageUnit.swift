/// The least that a passage can hold: a sentence, a row of a table, a line, or a piece of one that is too long.
struct PassageUnit {
  /// What kind of place lies behind a unit; a lower one is cut first.
  enum Seam: UInt64 {
    /// The end of a paragraph, an item, a row.
    case block = 0
    /// The end of a sentence.
    case sentence = 1
    /// Inside a sentence, at a comma or between words.
    case piece = 2
    /// Behind a heading, which stays with what it heads.
    case heading = 3
  }

  /// UTF-8 offsets in the joined text.
  var range: Range<Int>
  /// Tokens; for words of endless length, which a tokenizer may count as one, a tenth of the scalars if that is more.
  var weight: Int
  /// Index of its block.
  var block: Int
  var seam: Seam

  /// How the place behind the unit compares with others: by its kind, then by a hash of the unit's own text, so that
  /// it depends on nothing farther away.
  func seamRank(in bytes: UTF8Buffer) -> UInt64 {
    seam.rawValue << 62 | ContentHash.of(bytes, range) >> 2
  }
}

/// FNV-1a over bytes, mixed so that all bits depend on all bytes (the finalizer of MurmurHash3).
enum ContentHash {
  static func of(_ bytes: UTF8Buffer, _ range: Range<Int>) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for offset in range { hash = (hash ^ UInt64(bytes[offset])) &* 0x100_0000_01B3 }
    return mixed(hash)
  }

  @inline(__always)
  static func mixed(_ value: UInt64) -> UInt64 {
    var hash = value
    hash = (hash ^ hash >> 33) &* 0xFF51_AFD7_ED55_8CCD
    hash = (hash ^ hash >> 33) &* 0xC4CE_B9FE_1A85_EC53
    return hash ^ hash >> 33
  }
}
