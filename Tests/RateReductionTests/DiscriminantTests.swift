import LinearAlgebra
import Testing

@testable import RateReduction

@Suite("Linear discriminant analysis")
struct DiscriminantTests {
  /// Two classes apart along the second axis, and spread wide along the first.
  private func rows(_ count: Int, seed: UInt64) -> (rows: Matrix, classes: [Int]) {
    var random = SeededGenerator(seed: seed)
    let classes = (0..<count).map { $0 % 2 }
    let values = classes.flatMap { label -> [Float] in
      [
        Float(3 * random.gaussian()), Float(label == 0 ? -1 : 1) + Float(0.2 * random.gaussian()),
        Float(random.gaussian()),
      ]
    }
    return (Matrix(rows: count, columns: 3, values: values), classes)
  }

  @Test func `two classes leave one direction, that which tells them apart`() throws {
    let (rows, classes) = rows(400, seed: 1)
    let projector = try Projector.discriminant(of: rows, classes: classes, dimensions: 3, shrinkage: 0.01)
    #expect(projector.outputDimensions == 1)
    let direction = projector.linear.normalisedRows()
    #expect(abs(direction[0, 1]) > 0.99, "\(direction)")
    // Unit rows of one dimension: the side on which a row lies.
    let sides = projector.project(rows).values
    let side = sides[0]
    for (row, label) in classes.enumerated() { #expect((sides[row] == side) == (label == classes[0])) }
  }

  @Test func `rows without a class change nothing`() throws {
    let (rows, classes) = rows(200, seed: 2)
    let more = Matrix(rows: 202, columns: 3, values: rows.values + [9, 9, 9, -5, 0, 7])
    let alone = try Projector.discriminant(of: rows, classes: classes, dimensions: 1)
    #expect(try Projector.discriminant(of: more, classes: classes + [-1, -1], dimensions: 1) == alone)
  }

  @Test func `without two classes, or with rows that are not finite, it is refused`() {
    let (rows, _) = rows(10, seed: 3)
    let one = #expect(throws: RateReductionError.self) {
      try Projector.discriminant(of: rows, classes: [Int](repeating: 4, count: 10), dimensions: 1)
    }
    #expect("\(one!)" == "classes to tell apart: got 1, expected 2 or more")
    var bad = rows
    bad[3, 1] = .nan
    #expect(throws: RateReductionError.self) {
      try Projector.discriminant(of: bad, classes: (0..<10).map { $0 % 2 }, dimensions: 1)
    }
  }

  @Test func `classes of one row each have no spread, and are refused`() {
    let (rows, _) = rows(3, seed: 4)
    #expect(throws: RateReductionError.self) {
      try Projector.discriminant(of: rows, classes: [0, 1, 2], dimensions: 2)
    }
  }
}
