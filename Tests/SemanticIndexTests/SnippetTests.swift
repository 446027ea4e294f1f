import Testing

@testable import SemanticIndex

@Suite("Snippets")
struct SnippetTests {
  private static let ascii = (UInt8(0)..<128).map { Unicode.Scalar($0) }

  @Test func `an ASCII character belongs to a word where its Unicode properties say so`() {
    let words = QueryWords("outage")
    for scalar in Self.ascii {
      let isOfAWord =
        scalar.properties.isAlphabetic || scalar.properties.numericType != nil
        || scalar.properties.generalCategory == .nonspacingMark
      let found = words.matches(in: Array("zz\(Character(scalar))OUTAGES".unicodeScalars)).ranges
      #expect(found == (isOfAWord ? [] : [3..<10]), "U+\(scalar.value)")
    }
  }

  @Test func `an ASCII character is a blank of the snippet where its Unicode properties say so`() {
    let cutter = SnippetCutter(words: QueryWords(""))
    for scalar in Self.ascii {
      let isBlank = scalar.properties.isWhitespace || scalar.properties.generalCategory == .control
      let text = "a\(Character(scalar))b"
      #expect(cutter.cut([text[...]], best: 0).text == (isBlank ? "a b" : text), "U+\(scalar.value)")
    }
  }

  @Test func `words match by a common stem, without case and accents`() {
    for (query, text, isFound) in [
      ("encoded", "Encoding", true), ("café", "CAFE", true), ("CAFE", "café", true), ("cat", "cats", false),
      ("outage", "outlaw", false), ("station", "stationary", true), ("12", "12", true), ("12", "123", false),
    ] {
      #expect(
        QueryWords(query).matches(in: Array(text.unicodeScalars)).distinct == (isFound ? 1 : 0), "\(query), \(text)")
    }
  }
}
