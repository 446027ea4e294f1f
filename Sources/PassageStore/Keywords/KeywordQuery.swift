/// What a person typed, as terms to look up. Anything is a query: operators and punctuation mean nothing, quotes make
/// phrases, and a quote that is not closed is none.
struct KeywordQuery: Equatable {
  /// A term as an FTS5 expression: its tokens hold letters and digits alone, so that quoting them is safe.
  let terms: [String]

  /// Of the text's bytes, no more are looked at.
  static let longestText = 16 << 10

  init(_ text: String) {
    var seen: Set<String> = []
    var terms: [String] = []
    var kana: [String] = []
    for (part, quoted) in Self.parts(of: String(decoding: text.utf8.prefix(Self.longestText), as: UTF8.self)) {
      let tokens = KeywordTokenizer.tokens(of: part, for: .query)
      if quoted, tokens.count > 1 {
        let phrase = Self.expression(tokens)
        if seen.insert(phrase).inserted { terms.append(phrase) }
        continue
      }
      for token in tokens {
        let term = Self.expression([token])
        guard seen.insert(term).inserted else { continue }
        // Pairs of hiragana are inflections and particles, in every sentence: they count where there is nothing else.
        if token.kind != .word, Self.isHiragana(token.text) { kana.append(term) } else { terms.append(term) }
      }
    }
    self.terms = terms.isEmpty ? kana : terms
  }

  /// Tokens in sequence. A single unspaced character at the end stands for all that begin with it.
  private static func expression(_ tokens: [(text: String, kind: KeywordTokenizer.Kind)]) -> String {
    tokens.map { "\"\($0.text)\"" }.joined(separator: " + ") + (tokens.last?.kind == .single ? " *" : "")
  }

  private static func isHiragana(_ token: String) -> Bool {
    token.unicodeScalars.allSatisfy { (0x3041...0x309F).contains($0.value) || $0 == "ー" }
  }

  /// The text in and between quotes.
  private static func parts(of text: String) -> [(String, quoted: Bool)] {
    let pieces = text.unicodeScalars.split(omittingEmptySubsequences: false) {
      $0 == "\"" || $0 == "\u{201C}" || $0 == "\u{201D}" || $0 == "\u{FF02}"
    }
    return pieces.enumerated().map { index, piece in
      (String(Substring(piece)), quoted: index % 2 == 1 && index < pieces.count - 1)
    }
  }
}
