import COpenBLAS

extension DenseMatrix where Scalar == Double {
  /// The orthogonal matrix nearest to a square one: U Vᵀ of its singular value decomposition U Σ Vᵀ, which is also the
  /// orthogonal Q of largest trace(Qᵀ self) (Schönemann 1966). Where singular values are 0 it is one of several.
  ///
  /// About 20 n³ operations (LAPACK's `gesdd`).
  ///
  /// - Throws: ``LinearAlgebraError/notSquare(rows:columns:)``, and ``LinearAlgebraError/noConvergence(size:)`` also where
  ///   an element is not finite.
  package func nearestOrthogonal() throws -> DoubleMatrix {
    guard rows == columns else { throw LinearAlgebraError.notSquare(rows: rows, columns: columns) }
    guard firstNonFinite == nil else { throw LinearAlgebraError.noConvergence(size: rows) }
    guard rows > 0 else { return self }
    var n = Int32(rows)
    var a = values
    var singular = [Double](repeating: 0, count: rows)
    var left = DoubleMatrix(rows: rows, columns: rows)
    var right = left
    var integers = [Int32](repeating: 0, count: 8 * rows)
    var (workCount, info): (Int32, Int32) = (-1, 0)
    var work = [0.0]
    // The first call asks how much room the second needs.
    for _ in 0..<2 {
      dgesdd_(
        "A", &n, &n, &a, &n, &singular, &left.values, &n, &right.values, &n, &work, &workCount, &integers, &info)
      guard info == 0 else { throw LinearAlgebraError.noConvergence(size: rows) }
      if workCount < 0 {
        workCount = Int32(work[0])
        work = [Double](repeating: 0, count: Int(workCount))
      }
    }
    // LAPACK saw the transpose, W Σ Xᵀ = selfᵀ, so that self = X Σ Wᵀ; `left` holds Wᵀ row-major and `right` X.
    return right.times(left)
  }
}
