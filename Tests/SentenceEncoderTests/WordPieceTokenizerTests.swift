import Foundation
import SystemPackage
import Testing

@testable import SentenceEncoder

@Suite("WordPiece tokenizers of other models")
struct WordPieceTokenizerTests {
  private struct Line: Decodable {
    let pipeline: String
    let text: String
    let ids: [Int32]
  }

  private let golden: URL
  private let forms: [String: Any]
  private let vocabulary: [String]

  init() throws {
    golden = try #require(Bundle.module.url(forResource: "Golden", withExtension: nil))
    let data = try Data(contentsOf: golden.appendingPathComponent("wordpiece-tokenizers.json"))
    forms = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    vocabulary = try #require(forms["vocab"] as? [String])
  }

  /// The tokenizer of a folder with these files; `rows` of the embedding, beyond the pieces where tokens were added.
  private func tokenizer(_ files: [String: Data], rows: Int) throws -> WordPieceTokenizer {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("wordpiece-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for (name, data) in files { try data.write(to: folder.appendingPathComponent(name)) }
    try Data("[]".utf8).write(to: folder.appendingPathComponent("modules.json"))
    let imported = try WordPieceImport(ModelSource(folder: FilePath(folder.path)), path: "", vocabulary: rows)
    let memory = PartsMemory(imported.parts)
    let slots = try #require(memory.parts["tokenizer.trie"]).bytes
    let trie = try #require(PieceTrie(slots: MappedNumbers(slots, owner: memory), vocabulary: rows))
    return WordPieceTokenizer(imported.description, trie: trie, normalization: imported.description.normalization.table)
  }

  private func file(_ name: String, _ change: (inout [String: Any]) -> Void = { _ in }) throws -> Data {
    var form = try #require(forms[name] as? [String: Any])
    var model = try #require(form["model"] as? [String: Any])
    model["vocab"] = Dictionary(uniqueKeysWithValues: vocabulary.enumerated().map { ($1, $0) })
    form["model"] = model
    change(&form)
    return try JSONSerialization.data(withJSONObject: form)
  }

  @Test("nasty texts have exactly the reference's ids, cased and not, with added tokens and other ends")
  func goldenTexts() throws {
    var tokenizers: [String: WordPieceTokenizer] = [:]
    for name in forms.keys where name != "vocab" {
      tokenizers[name] = try tokenizer(["tokenizer.json": file(name)], rows: vocabulary.count + 8)
    }
    #expect(tokenizers.count == 8)
    let data = try Data(contentsOf: golden.appendingPathComponent("wordpiece-texts.jsonl"))
    for line in data.split(separator: UInt8(ascii: "\n")) {
      let line = try JSONDecoder().decode(Line.self, from: line)
      let tokenizer = try #require(tokenizers[line.pipeline])
      let ids = tokenizer.tokenIDs(of: line.text, limit: 1_000)
      #expect(ids == line.ids, "\(line.pipeline): \(line.text.unicodeScalars.map { String($0.value, radix: 16) })")
      #expect(tokenizer.countTokens(line.text) == line.ids.count - 2)
      for limit in [2, 3, 7] {
        let cut = line.ids.count <= limit ? line.ids : line.ids.prefix(limit - 1) + [line.ids.last!]
        #expect(tokenizer.tokenIDs(of: line.text, limit: limit) == cut)
      }
    }
  }

  @Test("a folder with vocab.txt alone has the ids of the one with tokenizer.json")
  func vocabularyFile() throws {
    let vocab = Data((vocabulary.joined(separator: "\n") + "\n").utf8)
    let data = try Data(contentsOf: golden.appendingPathComponent("wordpiece-texts.jsonl"))
    let lines = try data.split(separator: UInt8(ascii: "\n")).map { try JSONDecoder().decode(Line.self, from: $0) }
    for (name, configuration) in [
      ("uncased", nil), ("uncased", "{}"), ("cased", #"{"do_lower_case": false}"#),
      ("cased-stripped", #"{"do_lower_case": false, "strip_accents": true}"#),
      ("lower-accents", #"{"do_lower_case": true, "strip_accents": false}"#),
    ] {
      var files = ["vocab.txt": vocab]
      if let configuration { files["tokenizer_config.json"] = Data(configuration.utf8) }
      let tokenizer = try tokenizer(files, rows: vocabulary.count)
      for line in lines where line.pipeline == name {
        #expect(tokenizer.tokenIDs(of: line.text, limit: 1_000) == line.ids, "\(name): \(line.text.debugDescription)")
      }
    }
  }

  @Test("a WordPiece tokenizer that does something else is refused by name")
  func unsupported() throws {
    func message(_ change: (inout [String: Any]) -> Void) throws -> String {
      do {
        _ = try tokenizer(["tokenizer.json": file("uncased", change)], rows: vocabulary.count + 8)
        return "no error"
      } catch let error as EncoderModelError {
        return "\(error)"
      }
    }
    #expect(try message { _ in } == "no error")
    #expect(try message { $0["normalizer"] = ["type": "NFC"] }.contains("normalizer is NFC"))
    #expect(try message { $0["pre_tokenizer"] = ["type": "Whitespace"] }.contains("pre-tokenizer is Whitespace"))
    #expect(try message { $0["post_processor"] = ["type": "ByteLevel"] }.contains("post-processor is ByteLevel"))
    #expect(
      try message { form in
        var processor = form["post_processor"] as! [String: Any]
        processor["special_tokens"] = ["[CLS]": ["ids": [2]], "[SEP]": ["ids": [99_999]]]
        form["post_processor"] = processor
      }.contains("number 99999"))
    #expect(
      try message { form in
        form["added_tokens"] = [
          ["id": -1, "content": "x", "single_word": true, "lstrip": false, "rstrip": false, "normalized": true]
        ]
      }.contains("number -1"))
  }

  @Test("what is normalised stays so when it is normalised again")
  func idempotence() {
    // Added tokens are looked for in the normalised text, and what is between them goes through the table once more.
    for normalization in [
      BertNormalization(), BertNormalization(stripsAccents: false, lowercases: false),
      BertNormalization(stripsAccents: true, lowercases: false),
      BertNormalization(stripsAccents: false, lowercases: true),
    ] {
      let table = normalization.table
      func single(_ entry: UInt32, of scalar: UInt32) -> (NormalizationTable.Effect, UInt32)? {
        switch NormalizationTable.Effect(rawValue: entry >> 24)! {
        case .sameLetter: (.letter, scalar)
        case .sameAlone: (.alone, scalar)
        case .letter: (.letter, entry & 0xff_ffff)
        case .alone: (.alone, entry & 0xff_ffff)
        case .blank: (.blank, 0x20)
        case .dropped, .several: nil
        }
      }
      var wrong: [UInt32] = []
      for value in UInt32(0)..<0x110000 where Unicode.Scalar(value) != nil {
        let entry = table[value]
        var entries = [entry]
        if entry >> 24 == NormalizationTable.Effect.several.rawValue {
          let start = Int(entry & 0xff_ffff)
          entries = Array(table.expansions[(start + 1)...].prefix(Int(table.expansions[start])))
        }
        for entry in entries {
          guard let (effect, result) = single(entry, of: value) else { continue }
          guard let again = single(table[result], of: result), again == (effect, result) else {
            wrong.append(value)
            continue
          }
        }
      }
      #expect(
        wrong.isEmpty, "\(normalization): \(wrong.prefix(20).map { String($0, radix: 16) }), \(wrong.count) in all")
    }
  }
}
