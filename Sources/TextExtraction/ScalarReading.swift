/// UTF-8 that is known to be valid (a String's), read scalar by scalar without String's cost.
typealias UTF8Buffer = UnsafeBufferPointer<UInt8>

extension UnsafeBufferPointer<UInt8> {
  /// The scalar that begins at `offset`, and its length in bytes.
  @inline(__always)
  func scalar(at offset: Int) -> (value: UInt32, length: Int) {
    let first = UInt32(self[offset])
    if first < 0x80 { return (first, 1) }
    if first < 0xE0 { return ((first & 0x1F) << 6 | continuation(offset + 1), 2) }
    if first < 0xF0 {
      return ((first & 0x0F) << 12 | continuation(offset + 1) << 6 | continuation(offset + 2), 3)
    }
    let high = (first & 0x07) << 18 | continuation(offset + 1) << 12
    return (high | continuation(offset + 2) << 6 | continuation(offset + 3), 4)
  }

  /// The scalar that ends just before `offset`, which must not be 0.
  @inline(__always)
  func scalar(before offset: Int) -> UInt32 {
    var start = offset - 1
    while start > 0 && self[start] & 0xC0 == 0x80 { start -= 1 }
    return scalar(at: start).value
  }

  @inline(__always)
  private func continuation(_ offset: Int) -> UInt32 { UInt32(self[offset]) & 0x3F }

  /// How many scalars `range` holds, which must begin and end between scalars.
  func scalarCount(_ range: Range<Int>) -> Int {
    var count = 0
    for offset in range where self[offset] & 0xC0 != 0x80 { count += 1 }
    return count
  }

  /// A copy of `range` as a String.
  func string(_ range: Range<Int>) -> String {
    String(decoding: UnsafeBufferPointer(rebasing: self[range]), as: UTF8.self)
  }
}

/// Classes of scalars that cutting text needs. All take a scalar's value.
package enum ScalarClass {
  @inline(__always)
  static func isLineBreak(_ scalar: UInt32) -> Bool {
    scalar >= 0x0A && scalar <= 0x0D || scalar == 0x85 || scalar == 0x2028 || scalar == 0x2029
  }

  @inline(__always)
  package static func isBlank(_ scalar: UInt32) -> Bool {
    scalar == 0x20 || scalar >= 0x09 && scalar <= 0x0D || scalar == 0x85 || scalar == 0xA0
      || scalar >= 0x2000 && scalar <= 0x200B || scalar == 0x2028 || scalar == 0x2029 || scalar == 0x202F
      || scalar == 0x3000 || scalar == 0xFEFF
  }

  /// Scripts written without blanks between words: Han, kana, and their punctuation and full-width forms.
  @inline(__always)
  package static func isUnspaced(_ scalar: UInt32) -> Bool {
    scalar >= 0x2E80
      && (scalar <= 0x9FFF || scalar >= 0xF900 && scalar <= 0xFAFF || scalar >= 0xFE30 && scalar <= 0xFE4F
        || scalar >= 0xFF00 && scalar <= 0xFF9F || scalar >= 0xFFE0 && scalar <= 0xFFE6
        || scalar >= 0x20000 && scalar <= 0x3FFFF)
  }

  @inline(__always)
  static func isHiragana(_ scalar: UInt32) -> Bool { scalar >= 0x3041 && scalar <= 0x309F }

  /// Closing quotes and brackets, which belong to the sentence before them.
  static func isCloser(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 0x22, 0x27, 0x29, 0x5D, 0x7D, 0xBB, 0x2019, 0x201D, 0x203A: true
    case 0x3009, 0x300B, 0x300D, 0x300F, 0x3011, 0x3015, 0x3017, 0x3019, 0x301F: true
    case 0xFF09, 0xFF3D, 0xFF5D, 0xFF60, 0xFF63: true
    default: false
    }
  }

  /// Opening quotes and brackets, which belong to the sentence after them.
  static func isOpener(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 0x22, 0x27, 0x28, 0x5B, 0x7B, 0xAB, 0x2018, 0x201C, 0x2039, 0xBF, 0xA1: true
    default: false
    }
  }

  /// 。！？ and their kin, which end a sentence whatever follows.
  @inline(__always)
  static func isWideTerminator(_ scalar: UInt32) -> Bool {
    scalar == 0x3002 || scalar == 0xFF01 || scalar == 0xFF1F || scalar == 0xFF0E || scalar == 0xFF61
      || scalar == 0x203C || scalar >= 0x2047 && scalar <= 0x2049
  }

  /// . ! ? …, which end a sentence only where what follows agrees.
  @inline(__always)
  static func isNarrowTerminator(_ scalar: UInt32) -> Bool {
    scalar == 0x2E || scalar == 0x21 || scalar == 0x3F || scalar == 0x2026
  }

  static func isLetterOrDigit(_ scalar: UInt32) -> Bool {
    if scalar < 0x80 { return isASCIILetter(scalar) || isASCIIDigit(scalar) }
    guard let properties = Unicode.Scalar(scalar)?.properties else { return false }
    return properties.isAlphabetic || properties.numericType != nil
  }

  @inline(__always)
  static func isASCIILetter(_ scalar: UInt32) -> Bool { scalar | 0x20 >= 0x61 && scalar | 0x20 <= 0x7A }

  @inline(__always)
  static func isASCIIDigit(_ scalar: UInt32) -> Bool { scalar >= 0x30 && scalar <= 0x39 }

  static func isLowercase(_ scalar: UInt32) -> Bool {
    scalar < 0x80 ? scalar >= 0x61 && scalar <= 0x7A : Unicode.Scalar(scalar)?.properties.isLowercase ?? false
  }

  /// Marks that sit on the scalar before them.
  static func isCombining(_ scalar: UInt32) -> Bool {
    guard scalar >= 0x300, let properties = Unicode.Scalar(scalar)?.properties else { return false }
    switch properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .spacingMark: return true
    default: return scalar == 0x200D || properties.isVariationSelector || properties.isEmojiModifier
    }
  }
}
