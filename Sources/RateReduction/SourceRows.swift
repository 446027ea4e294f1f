package import LinearAlgebra

/// The source vectors that something is learnt from, handed out as float rows a batch at a time, so that a corpus need not
/// stand in memory as floats: a ``DenseMatrix`` where it is small, ``QuantizedRows`` where it is not.
package protocol SourceRows: Sendable {
  /// n.
  var rows: Int { get }
  /// D.
  var columns: Int { get }

  /// The rows of a range, in a matrix of their own.
  func rows(_ range: Range<Int>) -> Matrix

  /// The rows named, in the order named; a row may come twice.
  func rows(at indices: [Int]) -> Matrix
}

extension DenseMatrix: SourceRows where Scalar == Float {}

extension SourceRows {
  /// Hands out all rows in order, a thousand at a time, each time with the number of the first.
  func forEachSlice(_ body: (_ slice: Matrix, _ first: Int) throws -> Void) rethrows {
    for start in stride(from: 0, to: rows, by: 1024) {
      try body(rows(start..<min(start + 1024, rows)), start)
    }
  }

  /// Throws where a number is not finite.
  func checkFinite(_ what: String) throws {
    try forEachSlice { slice, first in
      if let (row, column) = slice.firstNonFinite {
        throw RateReductionError.notFinite(what: what, row: first + row, column: column)
      }
    }
  }

  /// `count` rows evenly spaced over all; all of them where there are no more.
  package func spread(_ count: Int) -> Matrix {
    count < rows ? rows(at: (0..<count).map { $0 * rows / count }) : rows(0..<rows)
  }
}
