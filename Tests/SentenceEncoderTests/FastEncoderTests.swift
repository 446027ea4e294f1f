import CEncoderKernels
import Foundation
import LinearAlgebra
import LinuxSystem
import Testing

@testable import SentenceEncoder

@Suite("Fast encoder")
struct FastEncoderTests {
  private static func cosines(_ rows: Matrix, _ expected: [Float]) -> [Double] {
    (0..<rows.rows).map { row in
      zip(rows.row(row), expected[row * rows.columns..<(row + 1) * rows.columns])
        .reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
  }

  @Test(
    "the golden texts have the reference's vectors: cosine .995 and more each (.99 without VNNI), .998 on average",
    arguments: FastKernels.all.indices)
  func golden(index: Int) throws {
    let golden = try GoldenTexts()
    let kernels = FastKernels.all[index]
    let vectors = try FastEncoder(model: try RealModel.open(), kernels: kernels)
      .encode(golden.lines.map(\.text), as: .plain)
    let cosines = Self.cosines(vectors, golden.embeddings)
    let mean = cosines.reduce(0, +) / Double(cosines.count)
    print("\(kernels.name): cosine to the golden vectors \(mean) on average, at least \(cosines.min()!)")
    #expect(mean >= 0.998)
    // Weights of seven bits lose more where a text is one sign two hundred times.
    #expect(cosines.min()! >= (kernels.functions.weight_limit == 127 ? 0.995 : 0.99))
    for row in 0..<vectors.rows {
      #expect(abs(vectors.row(row).reduce(0) { $0 + $1 * $1 } - 1) < 1e-5)
    }
  }

  @Test("a text has the same vector alone and in any batch", arguments: FastKernels.all.indices)
  func batches(index: Int) throws {
    let lines = try GoldenTexts().lines.map(\.text).filter { $0.utf8.count < 300 }.prefix(60)
    let model = try RealModel.open()
    let kernels = FastKernels.all[index]
    let alone = FastEncoder(model: model, kernels: kernels)
    let expected = try lines.map { try alone.encode([$0], as: .plain).row(0) }
    for size in [1, 300, 1024] {
      let together = try FastEncoder(model: model, kernels: kernels, maximumBatchTokens: size)
        .encode(Array(lines), as: .plain)
      for (row, vector) in expected.enumerated() {
        #expect(zip(together.row(row), vector).allSatisfy { abs($0 - $1) < 1e-5 }, "batch \(size), text \(row)")
      }
    }
    #expect(try alone.encode([], as: .plain).rows == 0)
  }

  @Test("two threads at once get the vectors that each gets alone")
  func twoThreads() async throws {
    let kernels = try #require(FastKernels.all.first, "this processor has no AVX2")
    let lines = try GoldenTexts().lines.map(\.text).filter { $0.utf8.count < 200 }
    let encoder = FastEncoder(model: try RealModel.open(), kernels: kernels)
    let expected = try encoder.encode(lines, as: .plain)
    let threads = WorkerThreads(name: "encoding", count: 2, priority: .query)
    defer { threads.stop() }
    try await withThrowingTaskGroup(of: Matrix.self) { group in
      for _ in 0..<8 { group.addTask { try await threads.run { try encoder.encode(lines, as: .plain) } } }
      for try await vectors in group { #expect(vectors == expected) }
    }
  }

  @Test("the fastest path is chosen, another one where it is asked for, and the choice is explained")
  func choice() throws {
    let model = try RealModel.open()
    let fastest = try EncoderChoice(model)
    #expect(fastest.path == (FastKernels.fastest() == nil ? .reference : .fast))
    #expect(fastest.reason.contains(fastest.kernels))
    let reference = try EncoderChoice(model, path: .reference)
    #expect(reference.path == .reference && reference.encoder is ReferenceEncoder)
    #expect(reference.reason.contains("as asked for") || FastKernels.fastest() == nil)
  }
}
