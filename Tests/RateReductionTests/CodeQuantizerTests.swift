import LinearAlgebra
import RateReduction
import Testing

@Suite struct CodeQuantizerTests {
  private func projected(_ rows: Int, _ dimensions: Int) -> Matrix {
    Corpus.clustered(rows: rows, columns: dimensions, seed: 11)
  }

  @Test(arguments: [(8, 0.0005), (4, 0.02), (2, 0.13), (1, 0.4)])
  func `decoding gives back a unit row near the one encoded`(bits: Int, loss: Double) throws {
    let rows = projected(300, 64)
    let format = CodeFormat(dimensions: 64, bits: bits)
    let quantizer = try CodeQuantizer.fit(rows, format: format, seed: 3)
    let codes = quantizer.encode(rows)
    #expect(codes.count == 300 * format.bytesPerCode)
    #expect(format.bytesPerCode == 8 * bits)
    let decoded = quantizer.decode(codes)
    var sum = 0.0
    for r in 0..<300 {
      sum += Double(zip(decoded.row(r), rows.row(r)).reduce(0) { $0 + $1.0 * $1.1 })
      #expect(abs(decoded.row(r).reduce(0) { $0 + $1 * $1 } - 1) < 1e-4)
    }
    #expect(1 - sum / 300 < loss)
  }

  @Test func `one bit is the sign of the rotated component, two bits the grid of the recipe`() throws {
    let rows = projected(50, 16)
    for bits in [1, 2] {
      let quantizer = try CodeQuantizer.fit(rows, format: CodeFormat(dimensions: 16, bits: bits), seed: 5)
      var generator = SeededGenerator(seed: 5)
      let rotated = rows.times(Matrix.orthogonal(16, using: &generator))
      let codes = quantizer.encode(rows)
      let deviation = 0.25  // unit rows of 16 components
      #expect(abs(Double(quantizer.step) - (bits == 1 ? 1.596 : 0.996) * deviation) < 1e-6)
      for r in 0..<50 {
        for i in 0..<16 {
          let value = Int(codes[r * 2 * bits + i * bits / 8] >> UInt8(i * bits % 8)) & (1 << bits - 1)
          let half = Float(1 << (bits - 1))
          let cell = (rotated[r, i] / quantizer.step).rounded(.down)
          #expect(value == Int(max(-half, min(half - 1, cell)) + half))
          if bits == 1 { #expect((value == 1) == (rotated[r, i] >= 0)) }
        }
      }
    }
  }

  @Test func `bytes come back, with the same codes, and what is damaged is refused`() throws {
    let rows = projected(40, 24)
    let quantizer = try CodeQuantizer.fit(rows, format: CodeFormat(dimensions: 24, bits: 4), seed: 9)
    let bytes = quantizer.encoded()
    let again = try CodeQuantizer(encoded: bytes)
    #expect(again == quantizer)
    #expect(again.encode(rows) == quantizer.encode(rows))
    for position in bytes.indices {
      var damaged = bytes
      damaged[position] ^= 1
      #expect(throws: RateReductionError.self) { try CodeQuantizer(encoded: damaged) }
    }
    #expect(throws: RateReductionError.self) { try CodeQuantizer(encoded: []) }
  }

  @Test func `rows that cannot be quantised are refused, odd ones are given a code`() throws {
    let format = CodeFormat(dimensions: 8, bits: 4)
    #expect(throws: RateReductionError.empty(what: "the rows to quantise")) {
      try CodeQuantizer.fit(Matrix(rows: 0, columns: 8), format: format, seed: 1)
    }
    #expect(throws: RateReductionError.noVariance(rows: 2)) {
      try CodeQuantizer.fit(Matrix(rows: 2, columns: 8), format: format, seed: 1)
    }
    #expect(throws: RateReductionError.self) {
      try CodeQuantizer.fit(Matrix(rows: 2, columns: 9, repeating: 1), format: format, seed: 1)
    }
    let quantizer = try CodeQuantizer.fit(projected(40, 8), format: format, seed: 1)
    let odd = Matrix(rows: 2, columns: 8, values: [Float](repeating: 0, count: 8) + [Float](repeating: .nan, count: 8))
    #expect(quantizer.decode(quantizer.encode(odd)).firstNonFinite == nil)
  }

  @Test func `a source vector keeps its row to a quarter of a percent`() throws {
    let rows = projected(20, 384)
    for r in 0..<20 {
      let vector = SourceVector(rows.row(r))
      #expect(vector.values.contains { abs(Int($0)) == 127 })
      #expect(zip(vector.unitRow, rows.row(r)).reduce(0) { max($0, abs($1.0 - $1.1)) } < vector.scale)
      #expect(try SourceVector(encoded: vector.encoded) == vector)
      #expect(vector.encoded.count == 388)
    }
    #expect(SourceVector([0, 0]).scale == 0)
    #expect(SourceVector([0, 0]).unitRow == [0, 0])
    #expect(SourceVector([.nan, 1]).values == [0, 0])
    #expect(SourceVector([.leastNonzeroMagnitude, 0]).values == [0, 0])
    #expect(throws: RateReductionError.self) { try SourceVector(encoded: [0, 0, 128, 63]) }
    #expect(throws: RateReductionError.self) { try SourceVector(encoded: [0, 0, 192, 127, 1]) }
    #expect(throws: RateReductionError.self) { try SourceVector(encoded: [0, 0, 128, 63, 128]) }
  }
}
