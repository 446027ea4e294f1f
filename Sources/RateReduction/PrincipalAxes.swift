package import LinearAlgebra

/// The mean of some rows and the eigenvectors of their mean-centred covariance, largest eigenvalue first.
///
/// Sums are kept in double precision and the rows are read in slices: n rows need no memory of their own.
package struct PrincipalAxes: Sendable {
  /// D numbers.
  package let mean: [Double]
  /// Descending, not below 0.
  package let variances: [Double]
  /// Row i is the unit eigenvector of `variances[i]`.
  package let axes: DoubleMatrix

  /// - Throws: where there are no rows, or one is not finite, or all are the same (no direction is longer than
  ///   rounding).
  package init(of rows: any SourceRows) throws {
    guard rows.rows > 0 else { throw RateReductionError.empty(what: "the rows to find the axes of") }
    try rows.checkFinite("the rows to find the axes of")
    useOneThread()
    let (n, d) = (rows.rows, rows.columns)
    var mean = [Double](repeating: 0, count: d)
    rows.forEachSlice { slice, _ in
      for r in 0..<slice.rows { for c in 0..<d { mean[c] += Double(slice.values[r * d + c]) } }
    }
    for c in 0..<d { mean[c] /= Double(n) }
    var covariance = DoubleMatrix(rows: d, columns: d)
    rows.forEachSlice { slice, _ in
      var slice = DoubleMatrix(slice)
      slice.add(row: mean.map { -$0 })
      covariance.add(slice, slice, transposeA: true, alpha: 1 / Double(n))
    }
    let eigen = try SymmetricEigen(of: covariance)
    let size = mean.reduce(0) { max($0, abs($1)) }
    guard let largest = eigen.eigenvalues.last, largest > 1e-12 * max(size * size, .leastNormalMagnitude) else {
      throw RateReductionError.noVariance(rows: n)
    }
    self.mean = mean
    variances = eigen.eigenvalues.reversed().map { max(0, $0) }
    axes = eigen.eigenvectors.rows(at: (0..<d).reversed())
  }
}
