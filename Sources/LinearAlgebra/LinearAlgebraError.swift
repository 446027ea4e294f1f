/// What can go wrong in a factorisation.
package enum LinearAlgebraError: Error, Equatable, CustomStringConvertible {
  /// A Cholesky factorisation met a pivot that is not above 0.
  case notPositiveDefinite(pivot: Int, size: Int)
  /// The eigenvectors were not found: the matrix has infinities or NaN.
  case noConvergence(size: Int)
  case notSquare(rows: Int, columns: Int)

  package var description: String {
    switch self {
    case .notPositiveDefinite(let pivot, let size):
      "expected a positive definite \(size) × \(size) matrix, got one whose pivot \(pivot) is not above 0"
    case .noConvergence(let size): "the eigenvectors of a \(size) × \(size) matrix were not found"
    case .notSquare(let rows, let columns): "expected a square matrix, got \(rows) × \(columns)"
    }
  }
}
