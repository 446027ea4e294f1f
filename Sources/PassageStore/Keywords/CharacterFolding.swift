import Foundation

/// What a character is to keyword search, and its folded form.
enum CharacterFolding {
  enum Folded {
    case separator
    /// A mark that is dropped without ending the word.
    case nothing
    /// A letter or digit, folded.
    case letter(UInt32)
    /// A letter that folds to several, as a ligature does.
    case letters(String)
    /// A character of a script that is written without spaces.
    case unspaced(UInt32)
    /// U+3099 or U+309A: changes the kana before it.
    case voicing(UInt32)
  }

  /// The folded form of a scalar beyond ASCII.
  static func fold(_ scalar: UInt32) -> Folded {
    switch scalar {
    case 0x3041...0x3096, 0x309D...0x309F, 0x30A1...0x30FA, 0x30FC...0x30FF, 0x31F0...0x31FF,  // kana
      0x3005...0x3007, 0x303B, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0x20000...0x2FA1D, 0x30000...0x3FFFD,  // Han
      0xAC00...0xD7A3, 0x3105...0x312F, 0x31A0...0x31BF:  // Hangul syllables, bopomofo
      return isCompatibilityHan(scalar) ? unified(scalar) : .unspaced(scalar)
    case 0xF900...0xFAFF, 0x2E80...0x2FD5: return unified(scalar)
    case 0x3099, 0x309A: return .voicing(scalar)
    case 0xFF9E, 0xFF9F: return .voicing(scalar - 0xFF9E + 0x3099)
    case 0xFF66...0xFF9D: return .unspaced(wideKana[Int(scalar - 0xFF66)])
    case 0xFF10...0xFF19, 0xFF41...0xFF5A: return .letter(scalar - 0xFEE0)
    case 0xFF21...0xFF3A: return .letter(scalar - 0xFEE0 + 0x20)
    case 0x80..<0x2000: return letters[Int(scalar - 0x80)]
    default: return general(scalar)
    }
  }

  /// A kana with its voiced (U+3099) or half-voiced (U+309A) mark, where there is one character for it.
  static func voiced(_ kana: UInt32, by mark: UInt32) -> UInt32? {
    guard let base = Unicode.Scalar(kana), let mark = Unicode.Scalar(mark) else { return nil }
    let joined = String(String.UnicodeScalarView([base, mark])).precomposedStringWithCanonicalMapping.unicodeScalars
    return joined.count == 1 ? joined.first?.value : nil
  }

  /// All below U+2000, where most text beyond ASCII and the unspaced scripts is.
  private static let letters: [Folded] = (0x80..<0x2000).map { general(UInt32($0)) }

  /// U+FF66 to U+FF9D in their full width.
  private static let wideKana: [UInt32] = Array(
    "ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン".unicodeScalars.map(\.value))

  private static func isCompatibilityHan(_ scalar: UInt32) -> Bool { (0x2F800...0x2FA1D).contains(scalar) }

  private static func unified(_ scalar: UInt32) -> Folded {
    guard let scalar = Unicode.Scalar(scalar), scalar.properties.generalCategory != .unassigned else {
      return .separator
    }
    let unified = String(scalar).precomposedStringWithCompatibilityMapping.unicodeScalars
    return .unspaced((unified.count == 1 ? unified.first! : scalar).value)
  }

  private static func general(_ value: UInt32) -> Folded {
    guard let scalar = Unicode.Scalar(value) else { return .separator }
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
      .letterNumber, .otherNumber:
      return folded(scalar)
    case .nonspacingMark, .enclosingMark:
      // Accents are dropped; the marks of scripts that spell with them (Devanagari, Thai, Hebrew points) are letters.
      return (0x0300...0x036F).contains(value) || (0x1AB0...0x1AFF).contains(value) || (0x1DC0...0x1DFF).contains(value)
        || (0x20D0...0x20FF).contains(value) || (0xFE00...0xFE2F).contains(value) ? .nothing : .letter(value)
    case .spacingMark, .privateUse: return .letter(value)
    case .format: return value == 0x200B ? .separator : .nothing
    default: return .separator
    }
  }

  private static func folded(_ scalar: Unicode.Scalar) -> Folded {
    let decomposed = String(scalar).decomposedStringWithCompatibilityMapping
    var result = String.UnicodeScalarView()
    for part in decomposed.unicodeScalars {
      switch part.properties.generalCategory {
      case .nonspacingMark where (0x0300...0x036F).contains(part.value): continue
      case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
        .letterNumber, .otherNumber, .nonspacingMark, .spacingMark:
        for lower in part.properties.lowercaseMapping.unicodeScalars where !(0x0300...0x036F).contains(lower.value) {
          result.append(lower == "ς" ? "σ" : lower)
        }
      default: continue
      }
    }
    switch result.count {
    case 0: return .separator
    case 1: return .letter(result.first!.value)
    default: return .letters(String(result))
    }
  }
}
