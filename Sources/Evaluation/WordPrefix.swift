extension StringProtocol {
  /// How many words the text has: runs without white space, and half a word for each character of Chinese or Japanese,
  /// which are written without blanks (two characters a word is what segmenters find on average).
  package var wordCount: Int { Int(Self.scan(self, limit: .infinity).words.rounded(.up)) }

  /// The longest prefix of at most `count` words, without the white space at its ends.
  package func prefix(words count: Int) -> String {
    String(self[..<Self.scan(self, limit: Double(count)).end]).trimmingWhiteSpace
  }

  /// The text in consecutive pieces of about the same length, of at most `count` words each; none where it has none.
  package func pieces(words count: Int) -> [String] {
    let words = wordCount
    guard words > 0 else { return [] }
    let pieces = (words + count - 1) / count
    let size = Double((words + pieces - 1) / pieces)
    var result: [String] = []
    var rest = self[...]
    while !rest.isEmpty {
      let end = SubSequence.scan(rest, limit: size).end
      let piece = String(rest[..<end]).trimmingWhiteSpace
      if !piece.isEmpty { result.append(piece) }
      rest = rest[end...]
    }
    return result
  }

  fileprivate static func scan(_ text: Self, limit: Double) -> (words: Double, end: Index) {
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

  fileprivate var trimmingWhiteSpace: String {
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
