package import LinearAlgebra

/// Many source vectors as they are stored, int8 with a scale each (see ``SourceVector``), decoded as they are asked for:
/// D + 4 bytes a row instead of 4 D.
package struct QuantizedRows: SourceRows, Equatable {
  package let columns: Int
  /// Row-major, n × D.
  private var values: [Int8] = []
  /// Component c of row r is `values[r * columns + c] * scales[r]`.
  private var scales: [Float] = []

  package init(columns: Int) { self.columns = columns }

  /// Rounds each row to int8, as ``SourceVector`` does.
  package init(_ rows: Matrix) {
    self.init(columns: rows.columns)
    reserve(rows.rows)
    append(rows)
  }

  package var rows: Int { scales.count }

  /// Makes room for so many rows in all: without it, growing takes up to twice as much for a while.
  package mutating func reserve(_ rows: Int) {
    values.reserveCapacity(rows * columns)
    scales.reserveCapacity(rows)
  }

  /// - Precondition: as many values as there are columns.
  package mutating func append(_ row: [Int8], scale: Float) {
    precondition(row.count == columns, "a row of \(row.count) among rows of \(columns)")
    values.append(contentsOf: row)
    scales.append(scale)
  }

  package mutating func append(_ vector: SourceVector) { append(vector.values, scale: vector.scale) }

  package mutating func append(_ rows: Matrix) {
    for row in 0..<rows.rows { append(SourceVector(rows.row(row))) }
  }

  package func rows(_ range: Range<Int>) -> Matrix { decoded(count: range.count) { range.lowerBound + $0 } }

  package func rows(at indices: [Int]) -> Matrix { decoded(count: indices.count) { indices[$0] } }

  private func decoded(count: Int, _ index: (Int) -> Int) -> Matrix {
    let columns = columns
    let decoded = [Float](unsafeUninitializedCapacity: count * columns) { result, initialized in
      values.withUnsafeBufferPointer { values in
        for place in 0..<count {
          let row = index(place)
          let scale = scales[row]
          let source = UnsafeBufferPointer(rebasing: values[row * columns..<(row + 1) * columns])
          let target = UnsafeMutableBufferPointer(rebasing: result[place * columns..<(place + 1) * columns])
          for c in 0..<columns { target.initializeElement(at: c, to: Float(source[c]) * scale) }
        }
      }
      initialized = count * columns
    }
    return Matrix(rows: count, columns: columns, values: decoded)
  }
}
