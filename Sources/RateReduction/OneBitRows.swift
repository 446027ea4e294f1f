import LinearAlgebra

/// Rows cut to their signs in training, as the smallest codes will be, whatever the bits of the final ones.
enum OneBitRows {
  /// ± 1/√d by the sign of each component; 0 counts as positive.
  static func quantise<Scalar>(_ rows: DenseMatrix<Scalar>) -> DenseMatrix<Scalar> {
    let size = 1 / Scalar(rows.columns).squareRoot()
    var result = rows
    for i in result.values.indices { result.values[i] = result.values[i] < 0 ? -size : size }
    return result
  }

  /// The gradient with respect to the rows, from that with respect to their quantised form: straight through the sign,
  /// then through the renormalisation, (I − q qᵀ) ∂q / .798, where .798 = √(2/π) is what the mean magnitude of a
  /// component of a unit row is, in units of 1/√d.
  static func straightThrough<Scalar>(
    _ gradient: DenseMatrix<Scalar>, quantised: DenseMatrix<Scalar>
  ) -> DenseMatrix<Scalar> {
    gradient.tangent(to: quantised) { _ in 1 / 0.798 }
  }
}
