import LinearAlgebra

/// What this module refuses.
package enum RateReductionError: Error, Equatable, CustomStringConvertible {
  /// An input has an infinity or NaN.
  case notFinite(what: String, row: Int, column: Int)
  /// No rows where at least one is needed.
  case empty(what: String)
  /// All rows are the same: there is no direction to keep.
  case noVariance(rows: Int)
  /// A number or a shape outside what the operation takes.
  case invalid(what: String, got: String, expected: String)
  /// Stored bytes that are not what they should be.
  case malformed(what: String, got: String, expected: String)
  /// The loss of a training step was not a number; nothing is returned from such a training.
  case nonFiniteLoss(step: Int)
  /// The caller's progress function asked for an end.
  case cancelled(step: Int)

  package var description: String {
    switch self {
    case .notFinite(let what, let row, let column): "\(what): row \(row) has a non-finite number in column \(column)"
    case .empty(let what): "\(what): expected at least one row, got none"
    case .noVariance(let rows): "all \(rows) rows are the same: there is nothing to learn from them"
    case .invalid(let what, let got, let expected): "\(what): got \(got), expected \(expected)"
    case .malformed(let what, let got, let expected):
      "\(what) is damaged or of another kind: got \(got), expected \(expected)"
    case .nonFiniteLoss(let step): "the training loss was not a finite number at step \(step)"
    case .cancelled(let step): "the training was cancelled at step \(step)"
    }
  }
}

extension DenseMatrix {
  /// Throws where an element is not finite.
  func checkFinite(_ what: String) throws {
    if let (row, column) = firstNonFinite { throw RateReductionError.notFinite(what: what, row: row, column: column) }
  }
}
