import Glibc

/// The Cholesky factorisation a = l lᵀ of a symmetric positive definite matrix.
///
/// Only the lower triangle of the matrix is read. n³/3 operations; each use of it afterwards costs less.
package struct Cholesky<Scalar: BLASScalar>: Sendable {
  /// n.
  package let size: Int
  /// l in the lower triangle, row-major; above it, what the matrix had.
  private let factor: [Scalar]

  /// - Throws: ``LinearAlgebraError/notPositiveDefinite(pivot:size:)``, with the pivot counted from 0.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package init(of matrix: DenseMatrix<Scalar>) throws {
    guard matrix.rows == matrix.columns else {
      throw LinearAlgebraError.notSquare(rows: matrix.rows, columns: matrix.columns)
    }
    let n = matrix.rows
    var factor = matrix.values
    if n > 0 {
      let info = factor.withUnsafeMutableBufferPointer { Scalar.potrf(n: n, a: $0.baseAddress!) }
      // OpenBLAS lets a NaN pass: its pivot is found here.
      let bad = info > 0 ? info - 1 : (0..<n).first { !(factor[$0 * n + $0] > 0) || !factor[$0 * n + $0].isFinite }
      if let bad { throw LinearAlgebraError.notPositiveDefinite(pivot: bad, size: n) }
    }
    self.size = n
    self.factor = factor
  }

  /// The natural logarithm of the determinant of a.
  package var logDeterminant: Scalar {
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    get {
      Scalar(2 * (0..<size).reduce(0.0) { $0 + log(Double(factor[$1 * size + $1])) })
    }
  }

  /// a⁻¹, exactly symmetric.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func inverse() -> DenseMatrix<Scalar> {
    var result = DenseMatrix<Scalar>(rows: size, columns: size, values: factor)
    guard size > 0 else { return result }
    let info = result.values.withUnsafeMutableBufferPointer { Scalar.potri(n: size, a: $0.baseAddress!) }
    precondition(info == 0, "potri of a factor with a positive diagonal gave \(info)")
    result.copyLowerToUpper()
    return result
  }

  /// a⁻¹ · right, for right of n rows.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func solve(_ right: DenseMatrix<Scalar>) -> DenseMatrix<Scalar> {
    solve(rows: right.transposed()).transposed()
  }

  /// right · a⁻¹, for right of n columns: each row is a right-hand side of its own. Copies nothing but the result.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func solve(rows right: DenseMatrix<Scalar>) -> DenseMatrix<Scalar> {
    precondition(right.columns == size, "right-hand sides of \(right.columns) for a matrix of \(size)")
    var result = right
    guard size > 0, right.rows > 0 else { return result }
    let info = factor.withUnsafeBufferPointer { factor in
      result.values.withUnsafeMutableBufferPointer {
        Scalar.potrs(n: size, count: right.rows, a: factor.baseAddress!, b: $0.baseAddress!)
      }
    }
    precondition(info == 0, "potrs refused its argument \(-info)")
    return result
  }
}
