/// What becomes of each Unicode scalar before words are cut into pieces: a two-level table, made once when a model is
/// imported and stored in it, so that tokenizing asks no Unicode library anything and does not change with one.
struct NormalizationTable: Sendable, Equatable {
  /// What a scalar becomes, in the top byte of an entry; the rest is its operand.
  enum Effect: UInt32 {
    /// Nothing.
    case dropped = 0
    /// A blank, which ends a word.
    case blank = 1
    /// The operand, a scalar, in a word.
    case letter = 2
    /// The operand, a scalar, as a word of its own.
    case alone = 3
    /// Several entries, in `expansions` at the operand, behind their number.
    case several = 4
    /// Itself, in a word.
    case sameLetter = 5
    /// Itself, as a word of its own.
    case sameAlone = 6
  }

  /// For each 256 scalars, the number of their block in `entries`: 0x1100 numbers.
  let blocks: [UInt16]
  /// Blocks of 256 entries.
  let entries: [UInt32]
  let expansions: [UInt32]

  /// A table out of its stored parts, or nil where an index in them leads outside.
  init?(blocks: [UInt16], entries: [UInt32], expansions: [UInt32]) {
    let isSingle = { (entry: UInt32) in
      switch Effect(rawValue: entry >> 24) {
      case .dropped, .blank, .sameLetter, .sameAlone: entry & 0xff_ffff == 0
      case .letter, .alone: Unicode.Scalar(entry & 0xff_ffff) != nil
      case .several, nil: false
      }
    }
    guard blocks.count == 0x1100, entries.count % 256 == 0, blocks.allSatisfy({ Int($0) < entries.count / 256 }) else {
      return nil
    }
    for entry in entries where !isSingle(entry) {
      let start = Int(entry & 0xff_ffff)
      guard entry >> 24 == Effect.several.rawValue, start < expansions.count,
        case let end = start + 1 + Int(expansions[start]), end <= expansions.count,
        expansions[(start + 1)..<end].allSatisfy({ isSingle($0) && $0 >> 24 < Effect.several.rawValue })
      else { return nil }
    }
    self.blocks = blocks
    self.entries = entries
    self.expansions = expansions
  }

  /// The table of a function from a scalar to the entries that stand for it.
  init(_ effects: (Unicode.Scalar) -> [(effect: Effect, scalar: UInt32)]) {
    var blocks: [UInt16] = []
    var entries: [UInt32] = []
    var expansions: [UInt32] = []
    var known: [[UInt32]: UInt16] = [:]
    for first in stride(from: UInt32(0), to: 0x110000, by: 256) {
      let block = (first..<(first + 256)).map { value -> UInt32 in
        guard let scalar = Unicode.Scalar(value) else { return Self.entry(.dropped) }
        let effects = effects(scalar)
        switch effects.count {
        case 0:
          return Self.entry(.dropped)
        case 1:
          let (effect, result) = effects[0]
          if result == value, effect == .letter { return Self.entry(.sameLetter) }
          if result == value, effect == .alone { return Self.entry(.sameAlone) }
          return Self.entry(effect, effect == .blank ? 0 : result)
        default:
          let start = UInt32(expansions.count)
          expansions.append(UInt32(effects.count))
          expansions += effects.map { Self.entry($0.effect, $0.effect == .blank ? 0 : $0.scalar) }
          return Self.entry(.several, start)
        }
      }
      if let number = known[block] {
        blocks.append(number)
      } else {
        let number = UInt16(entries.count / 256)
        known[block] = number
        blocks.append(number)
        entries += block
      }
    }
    self.blocks = blocks
    self.entries = entries
    self.expansions = expansions
  }

  /// The entry of a scalar, whose value must be below 0x110000.
  @inline(__always)
  subscript(value: UInt32) -> UInt32 {
    entries[Int(blocks[Int(value >> 8)]) << 8 | Int(value & 255)]
  }

  private static func entry(_ effect: Effect, _ operand: UInt32 = 0) -> UInt32 { effect.rawValue << 24 | operand }
}
