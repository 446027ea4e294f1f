/// A matrix of `rows` × `columns` numbers, row-major and without gaps.
///
/// Samples are rows everywhere in this project: n vectors of d components are an n × d matrix. (The papers write them
/// as columns; the formulas in doc comments follow the code.)
///
/// `values` may be read and written in place; its count stays `rows * columns`.
///
/// What loops over elements is specialised for both precisions here: other modules see no body to specialise.
package struct DenseMatrix<Scalar: BLASScalar>: Sendable, Equatable {
  package let rows: Int
  package let columns: Int
  package var values: [Scalar]

  /// - Precondition: `values.count == rows * columns`.
  package init(rows: Int, columns: Int, values: [Scalar]) {
    precondition(
      rows >= 0 && columns >= 0 && values.count == rows * columns,
      "a \(rows) × \(columns) matrix from \(values.count) values")
    self.rows = rows
    self.columns = columns
    self.values = values
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package init(rows: Int, columns: Int, repeating value: Scalar = 0) {
    self.init(rows: rows, columns: columns, values: [Scalar](repeating: value, count: rows * columns))
  }

  /// The rows in order.
  ///
  /// - Precondition: all have `columns` values.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package init(rows: [[Scalar]], columns: Int) {
    precondition(rows.allSatisfy { $0.count == columns }, "rows of other lengths than \(columns)")
    var values: [Scalar] = []
    values.reserveCapacity(rows.count * columns)
    for row in rows { values += row }
    self.init(rows: rows.count, columns: columns, values: values)
  }

  /// Ones on the diagonal.
  package static func identity(_ size: Int) -> DenseMatrix {
    var result = DenseMatrix(rows: size, columns: size)
    for i in 0..<size { result.values[i * size + i] = 1 }
    return result
  }

  package subscript(row: Int, column: Int) -> Scalar {
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    get { values[row * columns + column] }
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    set { values[row * columns + column] = newValue }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func row(_ index: Int) -> [Scalar] { Array(values[index * columns..<(index + 1) * columns]) }

  /// The rows of a range, in a matrix of their own.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func rows(_ range: Range<Int>) -> DenseMatrix {
    DenseMatrix(
      rows: range.count, columns: columns,
      values: Array(values[range.lowerBound * columns..<range.upperBound * columns]))
  }

  /// The rows named, in the order named; a row may come twice.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func rows(at indices: [Int]) -> DenseMatrix {
    var gathered: [Scalar] = []
    gathered.reserveCapacity(indices.count * columns)
    for index in indices { gathered.append(contentsOf: values[index * columns..<(index + 1) * columns]) }
    return DenseMatrix(rows: indices.count, columns: columns, values: gathered)
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func transposed() -> DenseMatrix {
    var result = DenseMatrix(rows: columns, columns: rows)
    for r in 0..<rows { for c in 0..<columns { result.values[c * rows + r] = values[r * columns + c] } }
    return result
  }

  /// The first element that is an infinity or not a number.
  package var firstNonFinite: (row: Int, column: Int)? {
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    get {
      // A sum is non-finite where any term is, and costs far less than a test of each.
      let sum = values.withUnsafeBufferPointer { $0.reduce(Scalar(0)) { $0 + $1 * 0 } }
      guard !sum.isFinite, let index = values.firstIndex(where: { !$0.isFinite }) else { return nil }
      return (index / columns, index % columns)
    }
  }

  /// Divides each row by its Euclidean norm; a row of zeros stays as it is.
  ///
  /// - Returns: the norms before.
  @discardableResult
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package mutating func normaliseRows() -> [Scalar] {
    var norms = [Scalar](repeating: 0, count: rows)
    let (rows, columns) = (rows, columns)
    values.withUnsafeMutableBufferPointer { values in
      for r in 0..<rows {
        let row = UnsafeMutableBufferPointer(rebasing: values[r * columns..<(r + 1) * columns])
        let norm = Scalar.dot(UnsafeBufferPointer(row), UnsafeBufferPointer(row)).squareRoot()
        norms[r] = norm
        if norm > 0 { for c in row.indices { row[c] /= norm } }
      }
    }
    return norms
  }

  package func normalisedRows() -> DenseMatrix {
    var copy = self
    copy.normaliseRows()
    return copy
  }
}

/// The working precision of everything but the reference formulas.
package typealias Matrix = DenseMatrix<Float>

/// For references, and for what must not lose digits (covariances, eigenvectors).
package typealias DoubleMatrix = DenseMatrix<Double>

extension DenseMatrix where Scalar == Double {
  package init(_ other: Matrix) {
    self.init(rows: other.rows, columns: other.columns, values: other.values.map(Double.init))
  }
}

extension DenseMatrix where Scalar == Float {
  /// Rounds each element.
  package init(_ other: DoubleMatrix) {
    self.init(rows: other.rows, columns: other.columns, values: other.values.map(Float.init))
  }
}
