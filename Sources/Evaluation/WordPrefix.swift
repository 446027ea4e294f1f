extension StringProtocol {
  /// How many words the text has: runs without white space, and half a word for each character of Chinese or Japanese,
  /// which are written without blanks (two characters a word is what segmenters find on average).
  package var wordCount: Int { Int(Self.scan(self, limit: .infinity).words.rounded(.up)) }

  /// The longest prefix of at most `count` words, without the white space at its ends.
  package func prefix(words count: Int) -> String {
    String(self[..<Self.scan(self, limit: Double(count)).end]).trimmingWhiteSpace
  }

  private static func scan(_ text: Self, limit: Double) -> (words: Double, end: Index) {
    var words = 0.0
    var isInside = false
    for index in text.unicodeScalars.indices {
      let scalar = text.unicodeScalars[index]
      var more = 0.0
      if scalar.properties.isWhitespace {
        isInside = false
      } else if scalar.isUnspaced {
        more = 0.5
        isInside = false
      } else if !isInside {
        more = 1
        isInside = true
      }
      if words + more > limit { return (words, index) }
      words += more
    }
    return (words, text.endIndex)
  }

  private var trimmingWhiteSpace: String {
    let start = unicodeScalars.drop { $0.properties.isWhitespace }
    return String(String.UnicodeScalarView(start.reversed().drop { $0.properties.isWhitespace }.reversed()))
  }
}

extension Unicode.Scalar {
  /// Kana and Han characters.
  fileprivate var isUnspaced: Bool {
    switch value {
    case 0x3041...0x30FF, 0x31F0...0x31FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0xFF66...0xFF9D,
      0x20000...0x3FFFF:
      true
    default: properties.isIdeographic
    }
  }
}
