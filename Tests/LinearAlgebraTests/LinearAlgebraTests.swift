import Glibc
import LinearAlgebra
import Testing

@Suite struct LinearAlgebraTests {
  @Test(arguments: [(1, 1, 1), (3, 5, 2), (17, 64, 33)])
  func `products of all transposes agree with the definition`(m: Int, k: Int, n: Int) {
    var random = SeededGenerator(seed: 1)
    let a = DoubleMatrix(Matrix.gaussian(rows: m, columns: k, using: &random))
    let b = DoubleMatrix(Matrix.gaussian(rows: k, columns: n, using: &random))
    var expected = DoubleMatrix(rows: m, columns: n)
    for r in 0..<m { for c in 0..<n { for i in 0..<k { expected[r, c] += a[r, i] * b[i, c] } } }
    #expect(distance(a.times(b), expected) < 1e-12)
    #expect(distance(a.timesTransposed(b.transposed()), expected) < 1e-12)
    #expect(distance(a.transposed().transposedTimes(b), expected) < 1e-12)
    var sum = expected
    sum.add(a.transposed(), b.transposed(), transposeA: true, transposeB: true, alpha: 2)
    #expect(distance(sum, DoubleMatrix(rows: m, columns: n, values: expected.values.map { 3 * $0 })) < 1e-11)
    #expect(distance(a.gram(), a.transposed().times(a)) < 1e-12)
    #expect(distance(a.rowGram(), a.times(a.transposed())) < 1e-12)
    #expect(a.columnSums().count == k)
    let single = Matrix(a).times(Matrix(b))
    #expect(distance(DoubleMatrix(single), expected) < 1e-4)
  }

  @Test func `an empty matrix multiplies to zeros`() {
    let product = Matrix(rows: 2, columns: 0).times(Matrix(rows: 0, columns: 3))
    #expect(product == Matrix(rows: 2, columns: 3))
    #expect(Matrix(rows: 0, columns: 3).gram() == Matrix(rows: 3, columns: 3))
    #expect(Matrix(rows: 0, columns: 3).columnSums() == [0, 0, 0])
  }

  @Test func `Cholesky gives determinant, inverse and solutions`() throws {
    var random = SeededGenerator(seed: 2)
    let x = DoubleMatrix(Matrix.gaussian(rows: 30, columns: 12, using: &random))
    let a = x.gram()
    let cholesky = try Cholesky(of: a)
    let eigen = try SymmetricEigen(of: a)
    var logarithms = 0.0
    for value in eigen.eigenvalues { logarithms += log(value) }
    #expect(abs(cholesky.logDeterminant - logarithms) < 1e-10)
    #expect(distance(a.times(cholesky.inverse()), .identity(12)) < 1e-10)
    #expect(distance(a.times(cholesky.solve(x.transposed())), x.transposed()) < 1e-10)
    #expect(distance(cholesky.solve(rows: x).times(a), x) < 1e-10)
    let single = try Cholesky(of: Matrix(a))
    #expect(abs(Double(single.logDeterminant) - logarithms) < 1e-3)
    #expect(try Cholesky(of: Matrix(rows: 0, columns: 0)).logDeterminant == 0)
  }

  @Test func `a matrix that is not positive definite is refused by its pivot`() throws {
    var a = DoubleMatrix.identity(5)
    a[3, 3] = -1
    #expect(throws: LinearAlgebraError.notPositiveDefinite(pivot: 3, size: 5)) { try Cholesky(of: a) }
    a[3, 3] = 0
    #expect(throws: LinearAlgebraError.notPositiveDefinite(pivot: 3, size: 5)) { try Cholesky(of: a) }
    a[3, 3] = .nan
    #expect(throws: LinearAlgebraError.notPositiveDefinite(pivot: 3, size: 5)) { try Cholesky(of: a) }
    #expect(throws: LinearAlgebraError.notSquare(rows: 2, columns: 3)) {
      try Cholesky(of: Matrix(rows: 2, columns: 3))
    }
  }

  @Test func `eigenvectors are the rows, ascending, orthonormal, with a fixed sign`() throws {
    var random = SeededGenerator(seed: 3)
    let a = DoubleMatrix(Matrix.gaussian(rows: 40, columns: 20, using: &random)).gram()
    let eigen = try SymmetricEigen(of: a)
    #expect(eigen.eigenvalues == eigen.eigenvalues.sorted())
    #expect(distance(eigen.eigenvectors.rowGram(), .identity(20)) < 1e-12)
    var scaled = eigen.eigenvectors
    for r in 0..<20 { for c in 0..<20 { scaled[r, c] *= eigen.eigenvalues[r] } }
    #expect(distance(eigen.eigenvectors.times(a), scaled) < 1e-10)
    for r in 0..<20 {
      let row = eigen.eigenvectors.row(r)
      #expect(row.max { abs($0) < abs($1) }! > 0)
    }
    let single = try SymmetricEigen(of: Matrix(a))
    #expect(abs(Double(single.eigenvalues[19]) - eigen.eigenvalues[19]) < 1e-3)
    var broken = a
    broken[1, 0] = .nan
    #expect(throws: LinearAlgebraError.noConvergence(size: 20)) { try SymmetricEigen(of: broken) }
  }

  @Test(arguments: [1, 7, 64, 128])
  func `an orthogonal matrix keeps lengths and comes again from its seed`(size: Int) {
    var (one, two) = (SeededGenerator(seed: 9), SeededGenerator(seed: 9))
    let rotation = Matrix.orthogonal(size, using: &one)
    #expect(rotation == Matrix.orthogonal(size, using: &two))
    #expect(distance(DoubleMatrix(rotation).rowGram(), .identity(size)) < 1e-6)
  }

  @Test func `the generator gives the published numbers`() {
    // SplitMix64 of seed 0 fills the state (e220a8397b1dcdaf, 6e789e6aa1b965f4, …); the first output of xoshiro256**
    // is rotl(s1 · 5, 7) · 9.
    var generator = SeededGenerator(seed: 0)
    let five = UInt64(0x6e78_9e6a_a1b9_65f4) &* 5
    #expect(generator.next() == ((five << 7) | (five >> 57)) &* 9)
  }

  @Test func `normal numbers have mean 0 and variance 1, samples no repeats`() {
    var generator = SeededGenerator(seed: 4)
    let numbers = (0..<100_000).map { _ in generator.gaussian() }
    let mean = numbers.reduce(0, +) / 1e5
    let variance = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 1e5
    #expect(abs(mean) < 0.02)
    #expect(abs(variance - 1) < 0.02)
    let sample = generator.sample(50, below: 60)
    #expect(Set(sample).count == 50)
    #expect(sample.allSatisfy { 0..<60 ~= $0 })
    #expect(generator.sample(10, below: 4).sorted() == [0, 1, 2, 3])
    #expect(generator.sample(10, below: 0) == [])
  }

  @Test func `rows become unit rows and a row of zeros stays`() {
    var matrix = Matrix(rows: 2, columns: 2, values: [3, 4, 0, 0])
    #expect(matrix.normaliseRows() == [5, 0])
    #expect(distance(DoubleMatrix(matrix), DoubleMatrix(rows: 2, columns: 2, values: [0.6, 0.8, 0, 0])) < 1e-7)
    #expect(matrix.firstNonFinite == nil)
    matrix[1, 0] = .infinity
    #expect(matrix.firstNonFinite! == (1, 0))
    #expect(matrix.rows(at: [1, 0]).row(1) == matrix.row(0))
    #expect(matrix.rows(1..<2).row(0) == matrix.row(1))
  }

  /// The largest difference of two matrices.
  private func distance(_ a: DoubleMatrix, _ b: DoubleMatrix) -> Double {
    #expect(a.rows == b.rows && a.columns == b.columns)
    return zip(a.values, b.values).reduce(0) { max($0, abs($1.0 - $1.1)) }
  }
}
