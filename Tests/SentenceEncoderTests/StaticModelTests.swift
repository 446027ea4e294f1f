import Foundation
import LinearAlgebra
import SystemPackage
import Testing

@testable import SentenceEncoder

@Suite("Static models")
struct StaticModelTests {
  private let texts = ["the cat sings", "", "dog dog dog", "猫 unknownword §", String(repeating: "the cat ", count: 40)]

  /// A tiny transformer, a static model of its tokens, and the vectors that this was made of.
  private func withStatic(
    width: Int = 20, _ body: (_ teacher: EncoderModel, _ student: URL, _ vectors: Matrix) throws -> Void
  ) throws {
    try withTemporaryFolder { folder in
      let source = folder.appendingPathComponent("source")
      try TinyModel().write(to: source)
      let path = folder.appendingPathComponent("tiny.fmodel")
      try EncoderModel.import(from: source.filePath, to: path.filePath, name: "tiny")
      let teacher = try EncoderModel(contentsOf: path.filePath)
      var generator = SeededGenerator(seed: 3)
      let values = (0..<TinyModel.pieces.count * width).map { _ in Float.random(in: -2...2, using: &generator) }
      let vectors = Matrix(rows: TinyModel.pieces.count, columns: width, values: values)
      let student = folder.appendingPathComponent("student.fmodel")
      try teacher.writeStatic(tokenVectors: vectors, to: student.filePath, name: "student")
      try body(teacher, student, vectors)
    }
  }

  @Test(arguments: [1, 20, 64, 65, 256]) func `a text's vector is the sum of its tokens' rows at length 1`(width: Int)
    throws
  {
    try withStatic(width: width) { teacher, student, vectors in
      let model = try EncoderModel(contentsOf: student.filePath)
      try model.verify()
      #expect(model.isStatic && model.dimensions == width && model.maximumTokens == teacher.maximumTokens)
      #expect(model.summary.contains("static, \(width) dimensions"))
      for path in [nil, EncoderPath.fast, .reference] {
        let got = try EncoderChoice(model, path: path).encoder.encode(texts, as: .query)
        for (index, text) in texts.enumerated() {
          let ids = teacher.tokenIDs(of: text, as: .plain)
          #expect(model.tokenIDs(of: text, as: .passage) == ids)
          // The plain sum of unrounded rows, in double.
          var sum = [Double](repeating: 0, count: width)
          for id in ids { for i in 0..<width { sum[i] += Double(vectors[Int(id), i]) } }
          let norm = sum.reduce(0) { $0 + $1 * $1 }.squareRoot()
          let cosine = zip(sum, got.row(index)).reduce(0) { $0 + $1.0 * Double($1.1) } / norm
          #expect(cosine > 0.999, "\(text): \(cosine)")
          #expect(abs(got.row(index).reduce(0) { $0 + $1 * $1 } - 1) < 1e-5)
        }
      }
    }
  }

  @Test func `the kernel agrees with a plain sum`() {
    var generator = SeededGenerator(seed: 11)
    for width in [1, 7, 16, 63, 64, 200, 384] {
      let (rows, count) = (50, Int.random(in: 0...90, using: &generator))
      let values = (0..<rows * width).map { _ in Int8.random(in: -127...127, using: &generator) }
      let scales = (0..<rows).map { _ in Float.random(in: 0...0.1, using: &generator) }
      let ids = (0..<count).map { _ in Int32.random(in: 0..<Int32(rows), using: &generator) }
      var expected = [Double](repeating: 0, count: width)
      for id in ids {
        for i in 0..<width { expected[i] += Double(scales[Int(id)]) * Double(values[Int(id) * width + i]) }
      }
      let got = TokenTable.sum(of: ids, values: values, scales: scales, width: width)
      for (a, b) in zip(got, expected) { #expect(abs(Double(a) - b) < 1e-3, "width \(width)") }
    }
  }

  @Test func `the same vectors give the same file, and it is of the version that older programs refuse by number`()
    throws
  {
    try withStatic { teacher, student, vectors in
      let again = student.deletingLastPathComponent().appendingPathComponent("again.fmodel")
      try teacher.writeStatic(tokenVectors: vectors, to: again.filePath, name: "student")
      let bytes = try Data(contentsOf: student)
      #expect(try Data(contentsOf: again) == bytes)
      #expect(bytes[8] == 3)
      // A transformer's file stays what it was: of the version that older programs read.
      #expect(try Data(contentsOf: URL(fileURLWithPath: teacher.path.string))[8] == 2)
    }
  }

  @Test func `a static file that contradicts itself is refused at opening`() throws {
    try withStatic { _, student, _ in
      let bytes = Array(try Data(contentsOf: student))
      for (old, new, expected) in [
        (#""layers":0"#, #""layers":1"#, "1 layers, expected 0 in a static model"),
        (#""heads":0"#, #""heads":2"#, "2 heads, expected 0 in a static model"),
        (#""dimensions":20"#, #""dimensions":21"#, "20 hidden dimensions"),
        (#""pooling":"mean""#, #""pooling":"cls""#, "pooling by cls"),
        (#""vocabulary":40"#, #""vocabulary":41"#, "shape [40, 20], expected [41, 20]"),
        ("tokens.values", "tokens.valuez", "no part tokens.values"),
        ("tokens.scales", "tokens.scalez", "no part tokens.scales"),
        (#""number":"i8""#, #""number":"u8""#, "tokens.values of u8, expected i8"),
        (#""family":"static""#, #""family":"bert""#, "0 layers"),
      ] {
        let count = Int(bytes[12]) | Int(bytes[13]) << 8
        let header = String(decoding: bytes[24..<(24 + count)], as: UTF8.self)
        try #require(header.contains(old), "\(old) is not in \(header)")
        // Padded with blanks, which JSON allows, so that the data stay where they are.
        var changed = Array(header.replacingOccurrences(of: old, with: new).utf8)
        let room = ModelFileFormat.aligned(24 + count) - 24
        try #require(changed.count <= room)
        changed += [UInt8](repeating: UInt8(ascii: " "), count: room - changed.count)
        var spoiled = bytes
        spoiled.replaceSubrange(24..<(24 + room), with: changed)
        (spoiled[12], spoiled[13]) = (UInt8(room & 255), UInt8(room >> 8))
        try FileManager.default.removeItem(at: student)
        try Data(spoiled).write(to: student)
        do {
          _ = try EncoderModel(contentsOf: student.filePath)
          Issue.record("opened, where \(expected) was expected")
        } catch {
          #expect("\(error)".contains(expected), "\(error)")
        }
      }
    }
  }

  @Test func `a table of another shape, of numbers that are none, or under a path for a name is not written`() throws {
    try withStatic { teacher, student, vectors in
      let folder = student.deletingLastPathComponent()
      let before = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
      var broken = vectors
      broken[5, 7] = .infinity
      for (table, name, expected) in [
        (vectors.rows(0..<39), "a", "39 × 20"), (broken, "a", "the vector of token 5"), (vectors, "../a", "letters"),
      ] {
        do {
          try teacher.writeStatic(
            tokenVectors: table, to: folder.appendingPathComponent("new.fmodel").filePath, name: name)
          Issue.record("written, where \(expected) was expected")
        } catch { #expect("\(error)".contains(expected), "\(error)") }
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == before)
    }
  }

  @Test func `files with changed bytes are refused or encode something`() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var generator = SeededGenerator(seed: seed)
    try withStatic { _, student, _ in
      let bytes = Array(try Data(contentsOf: student))
      for _ in 0..<300 {
        var spoiled = bytes
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
          let near = Bool.random(using: &generator) ? bytes.count : 2048
          spoiled[Int.random(in: 0..<near, using: &generator)] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        }
        try FileManager.default.removeItem(at: student)
        try Data(spoiled).write(to: student)
        guard let model = try? EncoderModel(contentsOf: student.filePath) else { continue }
        let rows = try EncoderChoice(model).encoder.encode(texts, as: .query)
        #expect(rows.rows == texts.count, "seed \(seed)")
        #expect(throws: EncoderModelError.self, "seed \(seed)") { try model.verify() }
      }
    }
  }
}
