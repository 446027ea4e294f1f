import CEncoderKernels
import Foundation
import LinearAlgebra
import LinuxSystem
import Testing

@testable import SentenceEncoder

@Suite("Reference encoder")
struct ReferenceEncoderTests {
  /// Every way to compute the products that this processor has.
  static let products = ReferenceEncoder.Products.allCases.filter { $0 == .openBLAS || $0 == .fastest }

  @Test("the 200 golden texts have the reference's vectors, within 2e-5 a component", arguments: products)
  func golden(products: ReferenceEncoder.Products) throws {
    let golden = try GoldenTexts()
    let encoder = ReferenceEncoder(model: try RealModel.open(), products: products)
    let vectors = try encoder.encode(golden.lines.map(\.text), as: .plain)
    #expect(vectors.rows == 200 && vectors.columns == 384)
    let difference = zip(vectors.values, golden.embeddings).map { abs($0 - $1) }.max()!
    print("largest difference to the golden vectors with \(products): \(difference)")
    #expect(difference <= 2e-5)
  }

  /// Opens a tiny model.
  private func withTinyModel(seed: UInt64, _ body: (TinyModel, EncoderModel) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let tiny = TinyModel(seed: seed)
      let path = folder.appendingPathComponent("tiny.fmodel").filePath
      try tiny.write(to: folder.appendingPathComponent("source"))
      try EncoderModel.import(from: folder.appendingPathComponent("source").filePath, to: path, name: "tiny")
      try body(tiny, try EncoderModel(contentsOf: path))
    }
  }

  private func randomTexts(_ count: Int, _ generator: inout SeededGenerator) -> [[Int32]] {
    (0..<count).map { _ in
      (0..<Int.random(in: 1...12, using: &generator)).map { _ in
        Int32.random(in: 0..<Int32(TinyModel.pieces.count), using: &generator)
      }
    }
  }

  @Test("random models of another shape agree with the plain forward pass", arguments: products)
  func againstPlain(products: ReferenceEncoder.Products) throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var generator = SeededGenerator(seed: seed)
    try withTinyModel(seed: seed) { tiny, model in
      let plain = PlainEncoder(tiny)
      let texts = randomTexts(40, &generator)
      let vectors = ReferenceEncoder(model: model, maximumBatchTokens: 30, products: products).encode(tokenIDs: texts)
      for (index, text) in texts.enumerated() {
        let difference = zip(vectors.row(index), plain.encode(text)).map { abs(Double($0) - $1) }.max()!
        #expect(difference < 1e-5, "seed \(seed), text \(index) of \(text.count) tokens")
      }
    }
  }

  @Test("rows come in the order of the texts, whatever their lengths and the batch")
  func order() throws {
    try withTinyModel(seed: 3) { _, model in
      let texts = ["cat", "", "the dog sings the cat", "a", "the cat sings the dog", "cat"]
      let alone = try texts.map { try ReferenceEncoder(model: model).encode([$0], as: .plain).row(0) }
      for size in [1, 13, 1024] {
        let together = try ReferenceEncoder(model: model, maximumBatchTokens: size).encode(texts, as: .plain)
        for index in texts.indices {
          #expect(
            zip(together.row(index), alone[index]).allSatisfy { abs($0 - $1) < 1e-5 }, "batch \(size), text \(index)")
          #expect(abs(together.row(index).reduce(0) { $0 + $1 * $1 } - 1) < 1e-5)
        }
      }
      let none = try ReferenceEncoder(model: model).encode([], as: .plain)
      #expect(none.rows == 0 && none.columns == TinyModel.width)
    }
  }

  @Test("two threads at once get the vectors that each gets alone")
  func twoThreads() async throws {
    let lines = try GoldenTexts().lines.map(\.text).filter { $0.utf8.count < 200 }
    let encoder = ReferenceEncoder(model: try RealModel.open(), maximumBatchTokens: 256)
    let expected = try encoder.encode(lines, as: .plain)
    let threads = WorkerThreads(name: "encoding", count: 2, priority: .query)
    defer { threads.stop() }
    try await withThrowingTaskGroup(of: Matrix.self) { group in
      for _ in 0..<4 { group.addTask { try await threads.run { try encoder.encode(lines, as: .plain) } } }
      for try await vectors in group { #expect(vectors == expected) }
    }
  }

  @Test("batches hold every text once, the longest first, and no more tokens than allowed")
  func batches() {
    #expect(TokenBatches.batches(of: [], maximumTokens: 10) == [])
    #expect(TokenBatches.batches(of: [3, 12, 5, 5, 1], maximumTokens: 10) == [[1], [2, 3], [0, 4]])
    let seed = UInt64.random(in: 0...UInt64.max)
    var generator = SeededGenerator(seed: seed)
    let lengths = (0..<500).map { _ in Int.random(in: 1...256, using: &generator) }
    let batches = TokenBatches.batches(of: lengths, maximumTokens: 512)
    #expect(batches.flatMap(\.self).sorted() == Array(lengths.indices), "seed \(seed)")
    #expect(batches.allSatisfy { $0.reduce(0) { $0 + lengths[$1] } <= 512 }, "seed \(seed)")
  }

  @Test(
    "the product of our own kernel is that of its definition, at every edge of its tiles and panels",
    .enabled(if: fumikura_has_wide_product(), "this processor has no AVX-512"))
  func widestProduct() {
    let seed = UInt64.random(in: 0...UInt64.max)
    var generator = SeededGenerator(seed: seed)
    for round in 0..<300 {
      let rows = round < 40 ? round : Int.random(in: 0...300, using: &generator)
      let columns = Int.random(in: 1...100, using: &generator)
      let width = Int.random(in: 0...(round % 10 == 0 ? 1200 : 40), using: &generator)
      let (aStride, outStride) = (width + round % 3, columns + round % 4)
      func random(_ count: Int) -> [Float] { (0..<count).map { _ in Float.random(in: -1...1, using: &generator) } }
      let (a, weight) = (random(rows * aStride), random(columns * width))
      var packed = [Float](repeating: .nan, count: (columns + 31) / 32 * 32 * width)
      fumikura_pack(weight, width, columns, width, &packed)
      // What lies between the rows of the result must stay as it is.
      var out = [Float](repeating: 7, count: rows * outStride)
      fumikura_multiply(a, aStride, rows, width, packed, 32, 32 * width, columns, &out, outStride)
      var error = 0.0
      for row in 0..<rows {
        for column in 0..<outStride {
          let expected =
            column >= columns
            ? 7 : (0..<width).reduce(0.0) { $0 + Double(a[row * aStride + $1]) * Double(weight[column * width + $1]) }
          error = max(error, abs(Double(out[row * outStride + column]) - expected))
        }
      }
      #expect(error < 1e-4, "seed \(seed), round \(round): \(rows) x \(width) x \(columns)")
    }
  }

  @Test("GELU and softmax are within a few float32 steps of their definitions, also at the ends of their ranges")
  func kernels() {
    var x =
      stride(from: Float(-12), through: 12, by: 0.0037).map(\.self) + [0, -0.0, 1e-30, -1e-30, 100, -100, 1e30, -1e30]
    let expected = x.map { 0.5 * Double($0) * (1 + erf(Double($0) * 0.5.squareRoot())) }
    let zeros = [Float](repeating: 0, count: x.count)
    fumikura_add_bias_gelu(&x, 1, x.count, zeros)
    let error = zip(x, expected).map { abs(Double($0) - $1) / max(1, abs($1)) }.max()!
    #expect(error < 1e-6)

    let seed = UInt64.random(in: 0...UInt64.max)
    var generator = SeededGenerator(seed: seed)
    for width in 1...70 {
      let range: ClosedRange<Float> = width % 2 == 0 ? -3...3 : -300...300
      var values = (0..<width).map { _ in Float.random(in: range, using: &generator) }
      let expected = PlainEncoder.softmax(values.map { 0.5 * Double($0) })
      fumikura_softmax(&values, 1, width, 0.5)
      let error = zip(values, expected).map { abs(Double($0) - $1) }.max()!
      #expect(error < 1e-6, "seed \(seed), width \(width)")
    }
  }
}
