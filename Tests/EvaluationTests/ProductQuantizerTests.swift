import LinearAlgebra
import Testing

@testable import Evaluation

@Suite("Optimised product quantisation")
struct ProductQuantizerTests {
  private func rows(_ count: Int, _ columns: Int, seed: UInt64) -> Matrix {
    var random = SeededGenerator(seed: seed)
    var rows = Matrix.gaussian(rows: count, columns: columns, using: &random)
    // Variances that fall off, as those of embeddings do.
    for r in 0..<count { for c in 0..<columns { rows[r, c] /= Float(1 + c) } }
    return rows.normalisedRows()
  }

  private func loss(_ rows: Matrix, _ decoded: Matrix) -> Double {
    zip(rows.values, decoded.values).reduce(0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) } / Double(rows.rows)
  }

  @Test func `rows no more than there are centroids lose nothing`() throws {
    let rows = rows(256, 12, seed: 1)
    let quantizer = try ProductQuantizer(of: rows, bytes: 3, seed: 1, iterations: 3, lastIterations: 0)
    let codes = quantizer.encode(rows)
    #expect(codes.count == 256 * 3)
    #expect(loss(rows, quantizer.decode(codes)) < 1e-9)
  }

  @Test func `learning the rotation loses less than the random one that it starts from`() throws {
    let rows = rows(1_500, 16, seed: 2)
    let plain = try ProductQuantizer(of: rows, bytes: 4, seed: 3, iterations: 0, lastIterations: 40)
    let learnt = try ProductQuantizer(of: rows, bytes: 4, seed: 3, iterations: 30, lastIterations: 10)
    let (before, after) = (loss(rows, plain.decode(plain.encode(rows))), loss(rows, learnt.decode(learnt.encode(rows))))
    #expect(after < 0.97 * before, "\(after), before \(before)")
    for norm in learnt.decode(learnt.encode(rows)).rowGram().values.enumerated() where norm.offset % 1_501 == 0 {
      #expect(abs(norm.element - 1) < 1e-5)
    }
  }

  @Test func `the same seed gives the same codes`() throws {
    let rows = rows(600, 8, seed: 4)
    let codes = try (0..<2).map { _ in
      try ProductQuantizer(of: rows, bytes: 2, seed: 5, iterations: 5, lastIterations: 2).encode(rows)
    }
    #expect(codes[0] == codes[1])
    #expect(
      try ProductQuantizer(of: rows, bytes: 2, seed: 6, iterations: 5, lastIterations: 2).encode(rows) != codes[0])
  }

  @Test func `bytes that do not share the dimensions evenly are refused, and so are no rows`() {
    #expect(throws: EvaluationError.self) { try ProductQuantizer(of: rows(300, 10, seed: 1), bytes: 4, seed: 1) }
    #expect(throws: EvaluationError.self) { try ProductQuantizer(of: Matrix(rows: 0, columns: 8), bytes: 4, seed: 1) }
    let error = #expect(throws: EvaluationError.self) {
      try ProductQuantizer(of: rows(300, 10, seed: 1), bytes: 4, seed: 1)
    }
    #expect("\(error!)".contains("got 300 rows of 10 dimensions for 4 bytes"))
  }

  @Test func `the nearest centroid is that of the plain distances`() {
    let seed: UInt64 = 7
    print("seed \(seed)")
    var random = SeededGenerator(seed: seed)
    let points = Matrix.gaussian(rows: 2_500, columns: 5, using: &random)
    let codebook = Codebook(of: points, count: 100, using: &random)
    let codes = codebook.nearest(to: points)
    for r in 0..<points.rows {
      let distances = (0..<100).map { c in
        zip(points.row(r), codebook.centroids.row(c)).reduce(0.0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
      }
      #expect(distances[Int(codes[r])] < distances.min()! + 1e-5)
    }
  }

  @Test func `centroids come to rest in the middle of their rows, and none stays without any`() {
    var random = SeededGenerator(seed: 8)
    // Three heaps on a line, and four centroids that all start at the same place.
    let points = Matrix(
      rows: 300, columns: 1, values: (0..<300).map { [1, 5, 9][$0 % 3] + Float(random.gaussian()) * 0.01 })
    var codebook = Codebook(of: points.rows(at: [0, 0, 0, 0]), count: 4, using: &random)
    for _ in 0..<20 { codebook.move(to: points, nearest: codebook.nearest(to: points)) }
    let counts = Dictionary(codebook.nearest(to: points).map { ($0, 1) }, uniquingKeysWith: +)
    #expect(counts.count == 4)
    for heap in [Float(1), 5, 9] { #expect(codebook.centroids.values.contains { abs($0 - heap) < 0.02 }) }
  }
}
