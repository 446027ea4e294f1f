import Foundation

/// The normalisation of BERT models: clean, set ideographs apart, decompose and drop accents, lower-case; then
/// blanks and punctuation end words.
///
/// The reference is the `BertNormalizer` and `BertPreTokenizer` of Hugging Face's tokenizers 0.23, whose general
/// categories are those of Unicode 8: a character that is younger counts as a letter there, whatever it is, and seven
/// older ones have another category than today's. With these rules every single scalar comes out as it does there.
struct BertNormalization: Equatable, Codable {
  /// Drops control and format characters and makes every blank a space.
  var cleans = true
  /// Makes every CJK ideograph a word of its own.
  var separatesIdeographs = true
  /// Decomposes canonically (NFD) and drops non-spacing marks.
  var stripsAccents = true
  var lowercases = true

  /// The table of all scalars: about a second's work, done once for the usual rules.
  var table: NormalizationTable { self == BertNormalization() ? Self.usual : NormalizationTable(effects(of:)) }

  private static let usual = NormalizationTable(BertNormalization().effects(of:))

  /// What a scalar becomes, blanks among them.
  private func effects(of scalar: Unicode.Scalar) -> [(effect: NormalizationTable.Effect, scalar: UInt32)] {
    var results = [scalar]
    if cleans {
      if Self.isDropped(scalar) { return [] }
      if Self.isBlank(scalar) { return [(.blank, 0x20)] }
    }
    if stripsAccents { results = Self.decomposed(scalar).filter { !Self.isNonspacingMark($0) } }
    if lowercases { results = results.flatMap { Array($0.properties.lowercaseMapping.unicodeScalars) } }
    let effects = results.map { result -> (effect: NormalizationTable.Effect, scalar: UInt32) in
      (Self.isBlank(result) ? .blank : Self.isPunctuation(result) ? .alone : .letter, result.value)
    }
    guard separatesIdeographs, Self.isIdeograph(scalar) else { return effects }
    return effects.count == 1 && effects[0].effect == .letter
      ? [(.alone, effects[0].scalar)] : [(.blank, 0x20)] + effects + [(.blank, 0x20)]
  }

  private static func isBlank(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isWhitespace }

  private static func isDropped(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "\t", "\n", "\r": false
    case "\0", "\u{FFFD}": true
    default:
      switch category(scalar) {
      case .control, .format, .privateUse: true
      default: false
      }
    }
  }

  private static func isNonspacingMark(_ scalar: Unicode.Scalar) -> Bool { category(scalar) == .nonspacingMark }

  private static func isPunctuation(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "!"..."/", ":"..."@", "["..."`", "{"..."~": true
    default:
      switch category(scalar) {
      case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
        .finalPunctuation, .otherPunctuation:
        true
      default: false
      }
    }
  }

  static func isIdeograph(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0x20000...0x2A6DF, 0x2A700...0x2B73F, 0x2B740...0x2B81F, 0x2B920...0x2CEAF,
      0xF900...0xFAFF, 0x2F800...0x2FA1F:
      true
    default: false
    }
  }

  /// The general category in Unicode 8.
  private static func category(_ scalar: Unicode.Scalar) -> Unicode.GeneralCategory {
    switch scalar.value {
    case 0x166D, 0x111C9: return .otherPunctuation
    case 0x1885, 0x1886: return .otherLetter
    case 0x1734, 0x1171E: return .nonspacingMark
    case 0xA9BD: return .spacingMark
    default:
      let properties = scalar.properties
      let category = properties.generalCategory
      if category == .privateUse || category == .control { return category }
      guard let age = properties.age, age.major <= 8 else { return .unassigned }
      return category
    }
  }

  /// The canonical decomposition. Marks of several scalars are not put into canonical order: those that a reordering
  /// could touch and that are no non-spacing marks are in no vocabulary.
  private static func decomposed(_ scalar: Unicode.Scalar) -> [Unicode.Scalar] {
    // Younger than the reference's decompositions.
    if scalar.value == 0x11938 || scalar.isASCII { return [scalar] }
    return Array(String(scalar).decomposedStringWithCanonicalMapping.unicodeScalars)
  }
}
