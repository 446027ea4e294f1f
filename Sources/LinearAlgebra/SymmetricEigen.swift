/// The eigenvalues and eigenvectors of a symmetric matrix (LAPACK's divide and conquer, `syevd`).
///
/// The sign of each vector is fixed, its component of largest magnitude (the first of equals) being positive, so that
/// the same matrix gives the same vectors.
package struct SymmetricEigen<Scalar: BLASScalar>: Sendable {
  /// Ascending.
  package let eigenvalues: [Scalar]
  /// Row i is the unit eigenvector of `eigenvalues[i]`.
  package let eigenvectors: DenseMatrix<Scalar>

  /// Reads the lower triangle only. About 9 n³ operations.
  ///
  /// - Throws: ``LinearAlgebraError/noConvergence(size:)``, also where an element is not finite.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package init(of matrix: DenseMatrix<Scalar>) throws {
    let n = matrix.rows
    guard n == matrix.columns else {
      throw LinearAlgebraError.notSquare(rows: matrix.rows, columns: matrix.columns)
    }
    guard matrix.firstNonFinite == nil else { throw LinearAlgebraError.noConvergence(size: n) }
    var vectors = matrix
    var values = [Scalar](repeating: 0, count: n)
    if n > 0 {
      let info = vectors.values.withUnsafeMutableBufferPointer { a in
        values.withUnsafeMutableBufferPointer { w in Scalar.syevd(n: n, a: a.baseAddress!, w: w.baseAddress!) }
      }
      guard info == 0 else { throw LinearAlgebraError.noConvergence(size: n) }
    }
    for r in 0..<n {
      let row = r * n..<(r + 1) * n
      var largest = row.lowerBound
      for i in row where vectors.values[i].magnitude > vectors.values[largest].magnitude { largest = i }
      if vectors.values[largest] < 0 { for i in row { vectors.values[i].negate() } }
    }
    eigenvalues = values
    eigenvectors = vectors
  }
}
