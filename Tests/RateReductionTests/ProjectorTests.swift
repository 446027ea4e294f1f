import Glibc
import LinearAlgebra
import RateReduction
import Testing

@Suite struct ProjectorTests {
  @Test func `whitened PCA weighs axes by a power of their variance and does not centre`() throws {
    let passages = Corpus.clustered(rows: 400, columns: 24, seed: 1)
    let axes = try PrincipalAxes(of: passages)
    #expect(axes.variances == axes.variances.sorted(by: >))
    let projector = try Projector.whitenedPCA(of: passages, dimensions: 8, gamma: 0.25)
    #expect(projector.inputDimensions == 24)
    #expect(projector.outputDimensions == 8)
    for row in 0..<3 {
      var expected = (0..<8).map { axis in
        (0..<24).reduce(0.0) { $0 + axes.axes[axis, $1] * Double(passages[row, $1]) }
          * pow(axes.variances[axis] / axes.variances[0], -0.125)
      }
      let norm = expected.reduce(0) { $0 + $1 * $1 }.squareRoot()
      expected = expected.map { $0 / norm }
      let got = projector.project(passages).row(row)
      #expect(zip(got, expected).allSatisfy { abs(Double($0) - $1) < 1e-5 })
    }
  }

  @Test func `plain PCA centres, truncation cuts, full keeps`() throws {
    let passages = Corpus.clustered(rows: 300, columns: 16, seed: 2)
    let pca = try ProjectionMethod.pca.projector(for: passages, dimensions: 4)
    var mean = passages.columnSums().map { $0 / 300 }
    // The corpus's mean goes to the origin, whose direction is anything: move it a little along the first axis.
    let axes = try PrincipalAxes(of: passages)
    for c in 0..<16 { mean[c] += 0.5 * Float(axes.axes[0, c]) }
    let moved = pca.project(Matrix(rows: 1, columns: 16, values: mean))
    #expect(abs(moved[0, 0] - 1) < 1e-3)
    let full = try ProjectionMethod.full.projector(for: passages, dimensions: 4).project(passages)
    #expect(zip(full.values, passages.normalisedRows().values).allSatisfy { abs($0 - $1) < 1e-6 })
    let cut = try ProjectionMethod.truncate.projector(for: passages, dimensions: 4).project(passages)
    #expect(abs(cut[0, 1] / cut[0, 0] - passages[0, 1] / passages[0, 0]) < 1e-3)
    let random = try ProjectionMethod.random.projector(for: passages, dimensions: 4, seed: 5)
    #expect(random == (try ProjectionMethod.random.projector(for: passages, dimensions: 4, seed: 5)))
    #expect(random != (try ProjectionMethod.random.projector(for: passages, dimensions: 4, seed: 6)))
    #expect(throws: RateReductionError.self) { try ProjectionMethod.mcr2.projector(for: passages, dimensions: 4) }
    #expect(ProjectionMethod(rawValue: "pca-whitened") == .pcaWhitened)
  }

  @Test func `outputs are unit rows, zeros stay zeros, no rows give none`() throws {
    let passages = Corpus.clustered(rows: 1500, columns: 16, seed: 3)
    let projector = try Projector.whitenedPCA(of: passages, dimensions: 5)
    let projected = projector.project(passages)
    #expect(projected.rows == 1500)
    for row in [0, 1023, 1024, 1499] {
      #expect(abs(projected.row(row).reduce(0) { $0 + $1 * $1 } - 1) < 1e-5)
      let alone = projector.project(passages.rows(row..<row + 1)).row(0)
      #expect(zip(alone, projected.row(row)).allSatisfy { abs($0 - $1) < 1e-5 })
    }
    #expect(projector.project(Matrix(rows: 1, columns: 16)).values == [0, 0, 0, 0, 0])
    #expect(projector.project(Matrix(rows: 0, columns: 16)).rows == 0)
  }

  @Test func `a corpus with nothing to learn from is refused, a narrow one is not`() throws {
    #expect(throws: RateReductionError.empty(what: "the rows to find the axes of")) {
      try Projector.whitenedPCA(of: Matrix(rows: 0, columns: 4), dimensions: 2)
    }
    #expect(throws: RateReductionError.noVariance(rows: 9)) {
      try Projector.whitenedPCA(of: Matrix(rows: 9, columns: 4, repeating: 0.3), dimensions: 2)
    }
    #expect(throws: RateReductionError.noVariance(rows: 1)) {
      try Projector.whitenedPCA(of: Matrix(rows: 1, columns: 4, values: [1, 0, 0, 0]), dimensions: 2)
    }
    var broken = Corpus.clustered(rows: 10, columns: 4, seed: 1)
    broken[7, 3] = .infinity
    #expect(throws: RateReductionError.notFinite(what: "the rows to find the axes of", row: 7, column: 3)) {
      try Projector.whitenedPCA(of: broken, dimensions: 2)
    }
    #expect(throws: RateReductionError.invalid(what: "dimensions", got: "5", expected: "1...4")) {
      try Projector.whitenedPCA(of: Corpus.clustered(rows: 10, columns: 4, seed: 1), dimensions: 5)
    }
    // Three passages span two directions about their mean; the other axes stay bounded.
    let narrow = try Projector.whitenedPCA(of: Corpus.clustered(rows: 3, columns: 16, seed: 4), dimensions: 8)
    #expect(narrow.linear.firstNonFinite == nil)
    #expect(narrow.linear.values.allSatisfy { abs($0) < 6 })
  }

  @Test func `bytes come back exactly, and what is damaged is refused`() throws {
    let projector = try Projector.whitenedPCA(
      of: Corpus.clustered(rows: 100, columns: 12, seed: 6), dimensions: 5, rotationSeed: 77)
    let bytes = projector.encoded()
    let again = try Projector(encoded: bytes)
    #expect(again == projector)
    #expect(again.rotationSeed == 77)
    #expect(again.digest == projector.digest)
    for position in stride(from: 0, to: bytes.count, by: 13) {
      var damaged = bytes
      damaged[position] ^= 0x10
      #expect(throws: RateReductionError.self) { try Projector(encoded: damaged) }
    }
    for length in [0, 7, 8, 40, bytes.count - 1] {
      #expect(throws: RateReductionError.self) { try Projector(encoded: Array(bytes.prefix(length))) }
    }
    #expect(throws: RateReductionError.self) { try Projector(encoded: bytes + [0]) }
  }
}
