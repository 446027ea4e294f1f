/// What a Unicode scalar does to the borders of grapheme clusters (Unicode Standard Annex 29, rules GB3 to GB13), as far
/// as it matters to clusters of fewer than six bytes: flags (GB12, GB13), of eight bytes and more, are left out.
enum ClusterClass: UInt32, CaseIterable {
  case other = 0
  case control
  /// Goes with what is before it, and keeps a conjunct open.
  case extend
  /// As `extend`, but ends a conjunct.
  case extendOnly
  case spacingMark
  case joiner
  /// Makes a conjunct of two consonants.
  case linker
  case prepend
  case leadingJamo
  case vowelJamo
  case trailingJamo
  /// A Hangul syllable without a trailing consonant, and one with.
  case openSyllable
  case closedSyllable
  case pictograph
  case consonant

  /// The class of a scalar, found by asking the standard library about small strings.
  init(_ scalar: Unicode.Scalar) {
    guard !scalar.isASCII else {
      self = scalar.value < 0x20 || scalar.value == 0x7f ? .control : .other
      return
    }
    // Ideographs, private use and planes without characters: most of all scalars.
    guard !(0x20000..<0xE0000).contains(scalar.value), scalar.value < 0xE1000 else {
      self = .other
      return
    }
    func isOne(_ before: String, _ after: String = "") -> Bool {
      var text = before
      text.unicodeScalars.append(scalar)
      text += after
      return text.index(after: text.startIndex) == text.endIndex
    }
    if isOne("A") {
      if scalar == "\u{200D}" {
        self = .joiner
      } else if isOne("क", "क") {
        self = .linker
      } else if isOne("क\u{94d}", "क") {
        self = .extend
      } else {
        self = isOne("😀", "\u{200D}😀") ? .extendOnly : .spacingMark
      }
    } else if !isOne("", "\u{301}") {
      self = .control
    } else if isOne("", "A") {
      self = .prepend
    } else if isOne("", "ᄀ") {
      self = .leadingJamo
    } else if isOne("ᆨ") {
      self = .trailingJamo
    } else if isOne("ᅡ") {
      self = .vowelJamo
    } else if isOne("ᄀ") {
      self = isOne("", "ᅡ") ? .openSyllable : .closedSyllable
    } else if isOne("😀\u{200D}") {
      self = .pictograph
    } else if isOne("क\u{94d}") {
      self = .consonant
    } else {
      self = .other
    }
  }

  /// Whether the scalar goes with any but a control character before it.
  var joinsBefore: Bool {
    switch self {
    case .extend, .extendOnly, .spacingMark, .joiner, .linker: true
    default: false
    }
  }
}
