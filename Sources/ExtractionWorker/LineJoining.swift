import TextExtraction

/// Puts lines that were broken to fit a width back together.
enum LineJoining {
  enum Hyphen {
    /// A hyphen at a line's end belongs to the word: "well-" "known".
    case kept
    /// It marks a broken word before a small letter: "docu-" "ment".
    case removed
  }

  /// `first` and `second` as one line: with a blank between, except in Japanese, where a break means nothing.
  static func join(_ first: inout String, _ second: some StringProtocol, hyphen: Hyphen = .kept) {
    guard let last = first.unicodeScalars.last, let next = second.unicodeScalars.first else {
      first += second
      return
    }
    if isUnspaced(last) || isUnspaced(next) {
      first += second
    } else if last == "-" || last == "\u{2010}" || last == "\u{AD}" {
      let before = first.unicodeScalars.dropLast().last
      if hyphen == .removed && next.properties.isLowercase && before?.properties.isAlphabetic ?? false {
        first.unicodeScalars.removeLast()
      } else if !(before?.properties.isAlphabetic ?? false) {
        first += " "
      }
      first += second
    } else {
      first += " "
      first += second
    }
  }

  /// All lines as one.
  static func joined(_ lines: some Sequence<some StringProtocol>, hyphen: Hyphen = .kept) -> String {
    var result = ""
    for line in lines { join(&result, line, hyphen: hyphen) }
    return result
  }

  /// Columns that a line takes on a terminal, about: wide letters take two.
  static func width(_ line: some StringProtocol) -> Int {
    line.unicodeScalars.reduce(0) { $0 + (isUnspaced($1) ? 2 : 1) }
  }

  static func isUnspaced(_ scalar: Unicode.Scalar) -> Bool { ScalarClass.isUnspaced(scalar.value) }
}
