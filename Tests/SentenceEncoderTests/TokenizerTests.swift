import Foundation
import LinearAlgebra
import LinuxSystem
import Testing

@testable import SentenceEncoder

@Suite("WordPiece tokenizer")
struct TokenizerTests {
  @Test("the 200 golden texts have exactly the reference's ids")
  func golden() throws {
    let tokenizer = try RealModel.open().tokenizer
    for line in try GoldenTexts().lines {
      #expect(
        tokenizer.tokenIDs(of: line.text, limit: 256) == line.ids, "text \(line.i): \(line.text.debugDescription)")
    }
  }

  @Test("every Unicode scalar becomes what the reference makes of it")
  func everyScalar() {
    // The digest is of the reference's own answers (tokenizers 0.23.3): for each scalar but the surrogates, in order,
    // a line of the scalar and, for each scalar of `BertNormalizer().normalize_str("a" + scalar + "a")` between the
    // two, "S", "P" or "L" for blank, punctuation or letter, by `BertPreTokenizer`, and the scalar.
    let table = BertNormalization().table
    var text: [UInt8] = []
    for value in UInt32(0)..<0x110000 where Unicode.Scalar(value) != nil {
      let entry = table[value]
      text += String(value, radix: 16).utf8
      func put(_ entry: UInt32) {
        let operand = entry & 0xff_ffff
        switch NormalizationTable.Effect(rawValue: entry >> 24)! {
        case .dropped: break
        case .blank: text += " S20".utf8
        case .letter: text += " L\(String(operand, radix: 16))".utf8
        case .sameLetter: text += " L\(String(value, radix: 16))".utf8
        // An ideograph stands alone because of the blanks that are put around it; the reference shows those.
        case .alone where BertNormalization.isIdeograph(Unicode.Scalar(value)!):
          text += " S20 L\(String(operand, radix: 16)) S20".utf8
        case .sameAlone where BertNormalization.isIdeograph(Unicode.Scalar(value)!):
          text += " S20 L\(String(value, radix: 16)) S20".utf8
        case .alone: text += " P\(String(operand, radix: 16))".utf8
        case .sameAlone: text += " P\(String(value, radix: 16))".utf8
        case .several:
          for part in table.expansions[(Int(operand) + 1)...].prefix(Int(table.expansions[Int(operand)])) { put(part) }
        }
      }
      put(entry)
      text.append(UInt8(ascii: "\n"))
    }
    #expect("\(SHA256Digest(of: text))" == "45bb7ff7769e7d5c74b1caec8d8fce705b499295256bb63e02a646e601a9b0c2")
  }

  @Test("a text's count is that of its ids, uncut, without the opening and the closing one")
  func counts() throws {
    let tokenizer = try RealModel.open().tokenizer
    for line in try GoldenTexts().lines {
      let uncut = tokenizer.tokenIDs(of: line.text, limit: 1_000_000)
      #expect(tokenizer.countTokens(line.text) == uncut.count - 2)
      for limit in [2, 3, 5, 255] {
        let cut = tokenizer.tokenIDs(of: line.text, limit: limit)
        #expect(cut == (uncut.count <= limit ? uncut : uncut.prefix(limit - 1) + [102]))
      }
    }
  }

  @Test("any bytes give ids of the vocabulary, the same as their repaired text")
  func arbitraryBytes() throws {
    let tokenizer = try #require(try RealModel.open().tokenizer as? WordPieceTokenizer)
    let seed = UInt64.random(in: 0...UInt64.max)
    var generator = SeededGenerator(seed: seed)
    let fragments: [[UInt8]] =
      ["[SEP]", "[CL", "the", "Ünïcödé", "日本", "ガ", "한국", "≠", "😀", " ", "\u{301}", "\0", "##ing"].map {
        Array($0.utf8)
      } + [
        [0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xf0, 0x9f], [0xe3, 0x81], [0x80],
      ]
    for round in 0..<20_000 {
      var bytes: [UInt8] = []
      for _ in 0..<Int.random(in: 0...24, using: &generator) {
        if round % 2 == 0 {
          bytes.append(UInt8.random(in: 0...255, using: &generator))
        } else {
          bytes += fragments.randomElement(using: &generator)!
        }
      }
      let limit = Int.random(in: 2...30, using: &generator)
      let ids = bytes.withUnsafeBufferPointer { tokenizer.tokenIDs(ofUTF8: $0, limit: limit) }
      let repaired = tokenizer.tokenIDs(of: String(decoding: bytes, as: UTF8.self), limit: limit)
      guard ids == repaired, ids.count <= limit, ids.allSatisfy({ (0..<30522).contains($0) }) else {
        Issue.record("seed \(seed), round \(round): \(bytes) gave \(ids), its repaired text \(repaired)")
        return
      }
    }
  }

  @Test("the longest piece is found at every place, as a search through the vocabulary finds it")
  func trieAgainstSearch() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var generator = SeededGenerator(seed: seed)
    func word(_ longest: Int) -> [UInt8] {
      (0..<Int.random(in: 1...longest, using: &generator)).map { _ in
        [0x61, 0x62, 0x63, 0xff, 0x01].randomElement(using: &generator)!
      }
    }
    let pieces = (0..<400).map { _ in word(5) } + [[]]
    let trie = PieceTrie(pieces)
    for round in 0..<5_000 {
      let text = word(9)
      var node: Int? = PieceTrie.root
      for end in text.indices {
        node = node.flatMap { trie.child(of: $0, by: text[end]) }
        let expected = pieces.lastIndex(of: Array(text[...end])).map(Int32.init)
        guard node.flatMap({ trie.id(at: $0) }) == expected else {
          Issue.record("seed \(seed), round \(round): \(text), \(end)")
          return
        }
      }
    }
  }

  @Test("stored tables that lead outside themselves are refused")
  func brokenTables() {
    let whole = PieceTrie([[97], [97, 98]]).slots.array
    #expect(PieceTrie(slots: Array(whole.dropLast()), vocabulary: 2) == nil)
    #expect(PieceTrie(slots: [], vocabulary: 2) == nil)
    // What leads outside is found nowhere; an id outside the vocabulary is none.
    var slots = whole
    slots[0] = .max - 300
    #expect(PieceTrie(slots: slots, vocabulary: 2)?.node(of: [97]) == nil)
    let trie = PieceTrie(slots: whole, vocabulary: 1)
    #expect(trie?.node(of: [97]).flatMap { trie?.id(at: $0) } == 0)
    #expect(trie?.node(of: [97, 98]).map { trie?.id(at: $0) } == .some(nil))
    let blocks = [UInt16](repeating: 0, count: 0x1100)
    let entries = [UInt32](repeating: 0, count: 256)
    #expect(NormalizationTable(blocks: blocks, entries: entries, expansions: []) != nil)
    #expect(NormalizationTable(blocks: Array(blocks.dropLast()), entries: entries, expansions: []) == nil)
    #expect(NormalizationTable(blocks: blocks.map { _ in 1 }, entries: entries, expansions: []) == nil)
    for (entry, expansions) in [
      (0x0400_0000, []), (0x0400_0000, [2, 0x0200_0061]), (0x0400_0000, [1, 0x0400_0000]), (0x0200_d800, []),
      (0x0700_0000, []),
    ] as [(UInt32, [UInt32])] {
      var broken = entries
      broken[7] = entry
      #expect(NormalizationTable(blocks: blocks, entries: broken, expansions: expansions) == nil)
    }
  }
}
