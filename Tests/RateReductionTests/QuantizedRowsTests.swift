import LinearAlgebra
import Testing

@testable import RateReduction

@Suite struct QuantizedRowsTests {
  private let passages = Corpus.clustered(rows: 300, columns: 48, seed: 31)

  @Test func `rows come back as they are stored one by one, in any order and more than once`() {
    let rows = QuantizedRows(passages)
    #expect(rows.rows == 300 && rows.columns == 48)
    let indices = [299, 0, 7, 7]
    let stored = indices.map { SourceVector(passages.row($0)) }
    let decoded = rows.rows(at: indices)
    #expect(decoded.values == stored.flatMap { vector in vector.values.map { Float($0) * vector.scale } })
    #expect(rows.rows(5..<9) == rows.rows(at: [5, 6, 7, 8]))
    #expect(rows.rows(3..<3).rows == 0)
    let error = zip(rows.rows(0..<300).values, passages.values).reduce(Float(0)) { max($0, abs($1.0 - $1.1)) }
    #expect(error < 0.01 && error > 0)
  }

  @Test func `slices hand out every row once, and spread ones are evenly spaced`() {
    var rows = QuantizedRows(columns: 2)
    for number in 0..<2500 { rows.append([Int8(number % 100), 1], scale: Float(number)) }
    var firsts: [Int] = []
    var seen: [Float] = []
    rows.forEachSlice { slice, first in
      firsts.append(first)
      for row in 0..<slice.rows { seen.append(slice[row, 1]) }
    }
    #expect(firsts == [0, 1024, 2048])
    #expect(seen == (0..<2500).map(Float.init))
    #expect((0..<4).map { rows.spread(4)[$0, 1] } == [0, 625, 1250, 1875])
    #expect(rows.spread(9999).rows == 2500)
  }

  @Test func `axes and quantisers found a slice at a time are those of all rows at once`() throws {
    let many = Corpus.clustered(rows: 2500, columns: 24, seed: 32)
    let rows = QuantizedRows(many)
    let decoded = rows.rows(0..<rows.rows)
    let (sliced, whole) = (try PrincipalAxes(of: rows), try PrincipalAxes(of: decoded))
    #expect(sliced.variances == whole.variances && sliced.axes == whole.axes)
    let projector = try Projector.whitenedPCA(whole, dimensions: 8)
    let fitted = try CodedProjector(projector, fittedTo: rows, bits: 2).quantizer
    let format = CodeFormat(dimensions: 8, bits: 2)
    #expect(fitted == (try CodeQuantizer.fit(projector.project(decoded), format: format, seed: 1)))
  }

  @Test func `a training sees no difference between int8 rows and the floats that they stand for`() throws {
    let owners = (0..<600).map { $0 / 2 }
    let (rows, queries) = (
      QuantizedRows(passages), QuantizedRows(Corpus.near(passages.rows(at: owners), noise: 0.4, seed: 2))
    )
    var options = TrainingOptions(dimensions: 16, seed: 4)
    (options.steps, options.batch, options.hidden, options.teacherDimensions) = (20, 64, 32, 32)
    let trainer = ProjectorTrainer(options: options)
    let small = try trainer.train(passages: rows, pseudoQueries: queries, owners: owners)
    let large = try trainer.train(
      passages: rows.rows(0..<rows.rows), pseudoQueries: queries.rows(0..<queries.rows), owners: owners)
    #expect(small == large)
  }

  @Test func `a scale that is not finite is named with its row`() {
    var rows = QuantizedRows(passages)
    rows.append([Int8](repeating: 1, count: 48), scale: .nan)
    #expect(throws: RateReductionError.notFinite(what: "the rows to find the axes of", row: 300, column: 0)) {
      try PrincipalAxes(of: rows)
    }
  }
}
