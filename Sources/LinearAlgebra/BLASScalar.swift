/// A number that OpenBLAS computes with: `Float` or `Double`.
///
/// The requirements are the routines themselves, row-major where CBLAS offers it; `DenseMatrix`, `Cholesky` and
/// `SymmetricEigen` are what the rest of the project calls.
package protocol BLASScalar: BinaryFloatingPoint, Sendable {
  /// c = alpha · op(a) op(b) + beta · c, op(a) m × k, op(b) k × n, c m × n, row-major.
  static func gemm(
    transposeA: Bool, transposeB: Bool, m: Int, n: Int, k: Int, alpha: Self, a: UnsafePointer<Self>,
    b: UnsafePointer<Self>, beta: Self, c: UnsafeMutablePointer<Self>)

  /// The lower triangle of c = a aᵀ (or aᵀ a), row-major, c n × n.
  static func syrk(transpose: Bool, n: Int, k: Int, a: UnsafePointer<Self>, c: UnsafeMutablePointer<Self>)

  static func dot(_ a: UnsafeBufferPointer<Self>, _ b: UnsafeBufferPointer<Self>) -> Self

  /// Cholesky of the row-major lower triangle, in place. Returns LAPACK's `info`.
  static func potrf(n: Int, a: UnsafeMutablePointer<Self>) -> Int

  /// The inverse from `potrf`'s factor, its lower triangle, in place.
  static func potri(n: Int, a: UnsafeMutablePointer<Self>) -> Int

  /// Replaces each of `count` consecutive vectors b by a⁻¹ b, from `potrf`'s factor.
  static func potrs(n: Int, count: Int, a: UnsafePointer<Self>, b: UnsafeMutablePointer<Self>) -> Int

  /// Eigenvalues ascending into w, eigenvectors into the rows of a. Returns LAPACK's `info`.
  static func syevd(n: Int, a: UnsafeMutablePointer<Self>, w: UnsafeMutablePointer<Self>) -> Int
}
