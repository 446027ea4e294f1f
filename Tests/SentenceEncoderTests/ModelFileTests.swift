import Foundation
import LinearAlgebra
import LinuxSystem
import SystemPackage
import Testing

@testable import SentenceEncoder

@Suite("Model files")
struct ModelFileTests {
  /// A tiny model's file and its bytes.
  private func withModelFile(_ body: (URL, [UInt8]) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let source = folder.appendingPathComponent("source")
      try TinyModel().write(to: source)
      let path = folder.appendingPathComponent("tiny.fmodel")
      try EncoderModel.import(from: source.filePath, to: path.filePath, name: "tiny")
      try body(path, Array(Data(contentsOf: path)))
    }
  }

  /// A file of the same data under another header.
  private func rewritten(_ bytes: [UInt8], _ change: (String) -> String) -> [UInt8] {
    let count = Int(bytes[12]) | Int(bytes[13]) << 8
    let start = ModelFileFormat.aligned(24 + count)
    let header = Array(change(String(decoding: bytes[24..<(24 + count)], as: UTF8.self)).utf8)
    var result = Array(bytes[..<12])
    withUnsafeBytes(of: UInt32(header.count).littleEndian) { result += $0 }
    let padded = ModelFileFormat.aligned(24 + header.count)
    withUnsafeBytes(of: UInt64(padded + bytes.count - start).littleEndian) { result += $0 }
    result += header + [UInt8](repeating: 0, count: padded - 24 - header.count)
    return result + bytes[start...]
  }

  /// Expects that a file of these bytes is refused, with an error that says `expected`.
  private func expectRefusal(_ bytes: [UInt8], at path: URL, _ expected: String) throws {
    try FileManager.default.removeItem(at: path)
    try Data(bytes).write(to: path)
    do {
      _ = try EncoderModel(contentsOf: path.filePath)
      Issue.record("opened, where \(expected) was expected")
    } catch {
      #expect(error.description.contains(expected))
    }
  }

  @Test("a file that is cut, longer, of another version or of another kind is refused at opening")
  func opening() throws {
    try withModelFile { path, bytes in
      try expectRefusal(Array(bytes.dropLast(1)), at: path, "got \(bytes.count - 1) bytes, expected \(bytes.count)")
      try expectRefusal(bytes + [0], at: path, "got \(bytes.count + 1) bytes")
      try expectRefusal([], at: path, "0 bytes without our mark")
      try expectRefusal(Array(bytes.prefix(40)), at: path, "without our mark")
      var other = bytes
      other[8] = 4
      try expectRefusal(other, at: path, "format version 4, expected version 3 or an older program's")
      other[8] = 1
      try expectRefusal(
        other, at: path, "made by an older version (model format 1, expected 2): run scripts/fetch-model")
      other = bytes
      other[15] = 0xff
      try expectRefusal(other, at: path, "a header of")
    }
  }

  @Test("a header that contradicts the data or itself is refused at opening")
  func headers() throws {
    try withModelFile { path, bytes in
      for (old, new, expected) in [
        (#""family":"bert""#, #""family":"xlm""#, "family: xlm, supported: bert, xlm-roberta"),
        (#""hiddenSize":24"#, #""hiddenSize":48"#, "got 24 dimensions, expected 48"),
        (#""hiddenSize":24"#, #""hiddenSize":25"#, "25 hidden dimensions in 3 heads"),
        (#""pooling":"mean""#, #""pooling":"median""#, "median, supported: mean, cls, max"),
        (#""tokenizer":"wordpiece""#, #""tokenizer":"bytes""#, "bytes, supported: wordpiece, unigram"),
        (#""tokenizer":"wordpiece""#, #""tokenizer":"unigram""#, "no description of the tokenizer"),
        (#""activation":"gelu""#, #""activation":"swish""#, "swish, supported: gelu, gelu_tanh, relu"),
        (
          #""dense":[]"#, #""dense":[{"inputs":23,"outputs":24,"activation":"tanh"}]"#,
          "dense layer 0 of 23 to 24 numbers, expected 24 to"
        ),
        (
          #""dense":[]"#, #""dense":[{"inputs":24,"outputs":24,"activation":"tanh"}]"#, "no part dense.0.weight"
        ),
        (#""layers":2"#, #""layers":3"#, "no part layer.2.attention.input.weight"),
        (#""maximumTokens":12"#, #""maximumTokens":17"#, "17 tokens"),
        (#""vocabulary":40"#, #""vocabulary":20"#, "embedding.words of shape [40, 24], expected [20, 24]"),
        (#""closing":3"#, #""closing":40"#, "token 40"),
        (#""opening":2"#, #""opening":-1"#, "token -1"),
        (#""maximumWordLength":100"#, #""maximumWordLength":0"#, "0 scalars in a word"),
        (#""layerNormEpsilon""#, #""epsilon""#, "layerNormEpsilon is missing"),
        (#""number":"f32","offset":"#, #""number":"f32","offset":9"#, "part"),
        (#""number":"f32","offset":"#, #""number":"f32","offset":-"#, "part"),
        (#""number":"f32""#, #""number":"u32""#, "of u32"),
        ("{", "[", "cannot be read"),
      ] {
        let spoiled = rewritten(bytes) { header in
          precondition(header.contains(old), "\(old) is not in \(header)")
          return header.replacingOccurrences(of: old, with: new)
        }
        try expectRefusal(spoiled, at: path, expected)
      }
    }
  }

  @Test("any changed byte fails the full check, or the opening")
  func verification() throws {
    try withModelFile { path, bytes in
      let seed = UInt64.random(in: 0...UInt64.max)
      var generator = SeededGenerator(seed: seed)
      for _ in 0..<200 {
        let place = Int.random(in: bytes.indices, using: &generator)
        var spoiled = bytes
        spoiled[place] ^= UInt8.random(in: 1...255, using: &generator)
        try FileManager.default.removeItem(at: path)
        try Data(spoiled).write(to: path)
        #expect(throws: EncoderModelError.self, "seed \(seed), byte \(place)") {
          try EncoderModel(contentsOf: path.filePath).verify()
        }
      }
    }
  }

  @Test("a model is found by name in its folder, or by path; else the error says what is there")
  func finding() throws {
    try withModelFile { path, _ in
      let folder = path.deletingLastPathComponent().filePath
      let (byName, byPath) = (
        try EncoderModel.find("tiny", in: folder), try EncoderModel.find(path.path, in: "/nowhere")
      )
      #expect(byName.name == "tiny" && byPath.name == "tiny" && byName.hash == byPath.hash)
      for (name, directory) in [("huge", folder), (path.path + "x", folder), ("", folder), ("tiny", "/nowhere/at/all")]
      {
        #expect {
          _ = try EncoderModel.find(name, in: directory)
        } throws: { error in
          let text = "\(error)"
          return text.contains("no model \"\(name)\"") && text.contains("scripts/fetch-model")
            && text.contains(directory == folder ? "are tiny" : "is none")
        }
      }
      #expect(throws: EncoderModelError.self) { try EncoderModel(contentsOf: folder) }
    }
  }
}
