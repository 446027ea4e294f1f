package import LinearAlgebra

/// The objective of Maximal Coding Rate Reduction (Yu et al. 2020, arXiv 2006.08558, eq. 7–11), with its gradients.
///
/// For Z of m rows and d columns, distortion ε² and classes of m_j rows:
///
///     R    = ½ logdet(I + α ZᵀZ)                      α   = d / (m ε²)
///     R_c  = Σ_j (m_j / m) ½ logdet(I + α_j Z_jᵀZ_j)  α_j = d / (m_j ε²)
///     ΔR   = R − R_c                                  to be maximised
///     ∂R/∂Z = α Z (I + α ZᵀZ)⁻¹
///
/// Natural logarithms. Everything is computed by Cholesky on the smaller side of Z, d × d or m × m, which is the same
/// number (Sylvester) and the same gradient (push-through identity): a class of few rows costs little. Labelled classes of
/// up to eight rows, of which a step of training has hundreds, are done without BLAS (``SmallClassRate``).
///
/// Without rows every value is 0. Rows that are all the same, or all zero, are an ordinary input. Rows that are not
/// finite, and distortions not above 0, are refused.
package enum CodingRate {
  /// R.
  package static func rate<Scalar>(of z: DenseMatrix<Scalar>, distortion: Scalar) throws -> Scalar {
    try check(z, distortion)
    return try term(z, distortion: distortion, mass: Scalar(z.rows)).value
  }

  /// R and ∂R/∂Z.
  package static func rateAndGradient<Scalar>(
    of z: DenseMatrix<Scalar>, distortion: Scalar
  ) throws -> (value: Scalar, gradient: DenseMatrix<Scalar>) {
    try check(z, distortion)
    let term = try term(z, distortion: distortion, mass: Scalar(z.rows))
    return (term.value, term.gradient())
  }

  /// R_c and its gradient, each row being of one class; equal labels are one class, their values mean nothing.
  package static func classRate<Scalar>(
    of z: DenseMatrix<Scalar>, labels: [Int], distortion: Scalar
  ) throws -> (value: Scalar, gradient: DenseMatrix<Scalar>) {
    try check(z, distortion)
    guard labels.count == z.rows else {
      throw RateReductionError.invalid(what: "labels", got: "\(labels.count)", expected: "\(z.rows), one a row")
    }
    var value = 0.0
    var gradient = DenseMatrix<Scalar>(rows: z.rows, columns: z.columns)
    guard z.columns > 0 else { return (0, gradient) }
    let classes = ClassRows(labels)
    var small = SmallClassRate(columns: z.columns, distortion: Double(distortion))
    // In the order of first members, so that sums come out the same each time.
    for number in 0..<classes.count {
      let rows = classes.rows(of: number)
      if rows.count <= SmallClassRate.mostRows {
        let share = Double(rows.count) / Double(z.rows)
        value += share * (try small.add(of: z, rows: rows, share: share, to: &gradient))
      } else {
        let share = Scalar(rows.count) / Scalar(z.rows)
        let rows = Array(rows)
        let term = try term(z.rows(at: rows), distortion: distortion, mass: Scalar(rows.count))
        value += Double(share * term.value)
        gradient.scatter(term.gradient(), to: rows, scale: { _ in share })
      }
    }
    return (Scalar(value), gradient)
  }

  /// R_c for soft memberships, and its gradient with respect to Z: with P_j the diagonal of column j of `memberships`
  /// (m × K, not below 0) and tr its trace,
  ///
  ///     R_c = Σ_j tr(P_j) / m · ½ logdet(I + d / (tr(P_j) ε²) Zᵀ P_j Z)
  ///
  /// A class without members counts nothing. 0/1 memberships give the value for labels.
  package static func classRate<Scalar>(
    of z: DenseMatrix<Scalar>, memberships: DenseMatrix<Scalar>, distortion: Scalar
  ) throws -> (value: Scalar, gradient: DenseMatrix<Scalar>) {
    try check(z, distortion)
    guard memberships.rows == z.rows else {
      throw RateReductionError.invalid(
        what: "memberships", got: "\(memberships.rows) rows", expected: "\(z.rows), one for each sample")
    }
    try memberships.checkFinite("memberships")
    if let negative = memberships.values.first(where: { $0 < 0 }) {
      throw RateReductionError.invalid(what: "a membership", got: "\(negative)", expected: "0 or more")
    }
    var value: Scalar = 0
    var gradient = DenseMatrix<Scalar>(rows: z.rows, columns: z.columns)
    for j in 0..<memberships.columns {
      let rows = (0..<z.rows).filter { memberships[$0, j] > 0 }
      let mass = rows.reduce(Scalar(0)) { $0 + memberships[$1, j] }
      guard mass > 0 else { continue }
      // Zᵀ P Z is the Gram matrix of the rows scaled by √p, which the chain rule brings back once more.
      let roots = rows.map { memberships[$0, j].squareRoot() }
      var scaled = z.rows(at: rows)
      for (r, root) in roots.enumerated() { for c in 0..<z.columns { scaled[r, c] *= root } }
      let share = mass / Scalar(z.rows)
      let term = try term(scaled, distortion: distortion, mass: mass)
      value += share * term.value
      gradient.scatter(term.gradient(), to: rows, scale: { share * roots[$0] })
    }
    return (value, gradient)
  }

  /// ΔR = R − R_c and its gradient, for labels.
  package static func reduction<Scalar>(
    of z: DenseMatrix<Scalar>, labels: [Int], distortion: Scalar
  ) throws -> (value: Scalar, gradient: DenseMatrix<Scalar>) {
    difference(
      try rateAndGradient(of: z, distortion: distortion),
      try classRate(of: z, labels: labels, distortion: distortion))
  }

  /// ΔR = R − R_c and its gradient, for soft memberships.
  package static func reduction<Scalar>(
    of z: DenseMatrix<Scalar>, memberships: DenseMatrix<Scalar>, distortion: Scalar
  ) throws -> (value: Scalar, gradient: DenseMatrix<Scalar>) {
    difference(
      try rateAndGradient(of: z, distortion: distortion),
      try classRate(of: z, memberships: memberships, distortion: distortion))
  }

  private static func difference<Scalar>(
    _ all: (value: Scalar, gradient: DenseMatrix<Scalar>), _ classes: (value: Scalar, gradient: DenseMatrix<Scalar>)
  ) -> (value: Scalar, gradient: DenseMatrix<Scalar>) {
    var gradient = all.gradient
    for i in gradient.values.indices { gradient.values[i] -= classes.gradient.values[i] }
    return (all.value - classes.value, gradient)
  }

  private static func check<Scalar>(_ z: DenseMatrix<Scalar>, _ distortion: Scalar) throws {
    guard distortion > 0, distortion.isFinite else {
      throw RateReductionError.invalid(what: "the distortion ε²", got: "\(distortion)", expected: "a number above 0")
    }
    try z.checkFinite("the samples")
  }

  /// ½ logdet(I + α ZᵀZ) with α = d / (mass · ε²), and what its gradient needs.
  private static func term<Scalar>(
    _ z: DenseMatrix<Scalar>, distortion: Scalar, mass: Scalar
  ) throws -> Term<Scalar> {
    guard z.rows > 0, z.columns > 0 else { return Term(z: z, alpha: 0, cholesky: nil) }
    let alpha = Scalar(z.columns) / (mass * distortion)
    var a = z.rows < z.columns ? z.rowGram() : z.gram()
    for i in a.values.indices { a.values[i] *= alpha }
    for i in 0..<a.rows { a[i, i] += 1 }
    return Term(z: z, alpha: alpha, cholesky: try Cholesky(of: a))
  }

  private struct Term<Scalar: BLASScalar> {
    let z: DenseMatrix<Scalar>
    let alpha: Scalar
    /// Of I + α times the smaller Gram matrix; nil for nothing at all.
    let cholesky: Cholesky<Scalar>?

    var value: Scalar { (cholesky?.logDeterminant ?? 0) / 2 }

    /// α Z (I + α ZᵀZ)⁻¹ = α (I + α ZZᵀ)⁻¹ Z.
    func gradient() -> DenseMatrix<Scalar> {
      guard let cholesky else { return z }
      var result = z.rows < z.columns ? cholesky.solve(z) : cholesky.solve(rows: z)
      for i in result.values.indices { result.values[i] *= alpha }
      return result
    }
  }
}

extension DenseMatrix {
  /// Adds row i of `part`, times `scale(i)`, to row `rows[i]`.
  fileprivate mutating func scatter(_ part: DenseMatrix, to rows: [Int], scale: (Int) -> Scalar) {
    for (i, row) in rows.enumerated() {
      let factor = scale(i)
      for c in 0..<columns { values[row * columns + c] += factor * part.values[i * columns + c] }
    }
  }
}
