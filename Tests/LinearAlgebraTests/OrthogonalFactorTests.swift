import LinearAlgebra
import Testing

@Suite("The nearest orthogonal matrix")
struct OrthogonalFactorTests {
  private func largestDifference(_ a: DoubleMatrix, _ b: DoubleMatrix) -> Double {
    zip(a.values, b.values).reduce(0) { max($0, abs($1.0 - $1.1)) }
  }

  @Test(arguments: [1, 2, 7, 64]) func `a rotation times a positive definite matrix has that rotation`(size: Int) throws
  {
    var random = SeededGenerator(seed: UInt64(size))
    let rotation = DoubleMatrix(Matrix.orthogonal(size, using: &random))
    var stretch = DoubleMatrix(Matrix.gaussian(rows: size + 3, columns: size, using: &random)).gram()
    for i in 0..<size { stretch[i, i] += 0.1 }
    #expect(largestDifference(try rotation.times(stretch).nearestOrthogonal(), rotation) < 1e-5)
    #expect(largestDifference(try stretch.times(rotation).nearestOrthogonal(), rotation) < 1e-5)
  }

  @Test func `where singular values are 0 it is orthogonal all the same`() throws {
    let flat = DoubleMatrix(rows: [[2, 0, 0], [0, 0, 3], [0, 0, 0]], columns: 3)
    let nearest = try flat.nearestOrthogonal()
    #expect(largestDifference(nearest.rowGram(), .identity(3)) < 1e-12)
    #expect(abs(nearest[0, 0] - 1) < 1e-12 && abs(nearest[1, 2] - 1) < 1e-12)
    #expect(largestDifference(try DoubleMatrix(rows: 4, columns: 4).nearestOrthogonal().gram(), .identity(4)) < 1e-12)
  }

  @Test func `a matrix that is not square, or not finite, is refused`() throws {
    #expect(throws: LinearAlgebraError.notSquare(rows: 2, columns: 3)) {
      try DoubleMatrix(rows: 2, columns: 3).nearestOrthogonal()
    }
    #expect(throws: LinearAlgebraError.noConvergence(size: 2)) {
      try DoubleMatrix(rows: [[1, .nan], [0, 1]], columns: 2).nearestOrthogonal()
    }
    #expect(try DoubleMatrix(rows: 0, columns: 0).nearestOrthogonal().values.isEmpty)
  }
}
