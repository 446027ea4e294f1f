package import LinearAlgebra

/// The map from source vectors to the vectors that are kept: a linear layer and, where it was trained, a residual
/// perceptron beside it, then the unit sphere.
///
///     y = L x + b + W₂ GELU(W₁ x + b₁) + b₂,   z = y / ‖y‖
///
/// x has `inputDimensions` components, z `outputDimensions`; GELU is x Φ(x). A projector never changes: training makes
/// another one.
package struct Projector: Sendable, Equatable {
  /// L, d × D.
  package let linear: Matrix
  /// b, d numbers.
  package let bias: [Float]
  /// The perceptron; nil for a projector that is linear.
  package let residual: Residual?
  /// The seed of the rotation that the projector was trained with, which its codes must use (see ``CodeQuantizer``).
  package let rotationSeed: UInt64

  package struct Residual: Sendable, Equatable {
    /// W₁, hidden × D.
    package let inner: Matrix
    /// b₁.
    package let innerBias: [Float]
    /// W₂, d × hidden.
    package let outer: Matrix
    /// b₂.
    package let outerBias: [Float]
  }

  package var inputDimensions: Int { linear.columns }
  package var outputDimensions: Int { linear.rows }

  /// - Precondition: the shapes fit one another.
  init(linear: Matrix, bias: [Float], residual: Residual? = nil, rotationSeed: UInt64) {
    precondition(bias.count == linear.rows)
    if let residual {
      precondition(residual.inner.columns == linear.columns && residual.outer.rows == linear.rows)
      precondition(residual.inner.rows == residual.outer.columns)
      precondition(residual.innerBias.count == residual.inner.rows && residual.outerBias.count == linear.rows)
    }
    self.linear = linear
    self.bias = bias
    self.residual = residual
    self.rotationSeed = rotationSeed
  }

  /// The outputs of n × D source vectors, n × d unit rows. A row that maps to zeros stays zeros, and one that is not
  /// finite stays not finite.
  ///
  /// Blocking, on the caller's thread; 2 D (d + hidden) + 2 hidden d operations a row, at most a few MB of scratch.
  package func project(_ rows: any SourceRows) -> Matrix {
    precondition(rows.columns == inputDimensions, "\(rows.columns) columns for a projector of \(inputDimensions)")
    var result: [Float] = []
    result.reserveCapacity(rows.rows * outputDimensions)
    forEachProjected(rows) { result += $0.values }
    return Matrix(rows: rows.rows, columns: outputDimensions, values: result)
  }

  /// The outputs of all rows in order, a thousand at a time: nothing stands in memory for more of them.
  func forEachProjected(_ rows: any SourceRows, _ body: (Matrix) throws -> Void) rethrows {
    useOneThread()
    try rows.forEachSlice { slice, _ in try body(projectSlice(slice)) }
  }

  private func projectSlice(_ x: Matrix) -> Matrix {
    var y = x.timesTransposed(linear)
    y.add(row: bias)
    if let residual {
      var hidden = x.timesTransposed(residual.inner)
      hidden.add(row: residual.innerBias)
      hidden.values.withUnsafeMutableBufferPointer {
        Float.gelu(UnsafeBufferPointer($0), value: $0, derivative: nil)
      }
      y.add(hidden, residual.outer, transposeB: true)
      y.add(row: residual.outerBias)
    }
    y.normaliseRows()
    return y
  }
}

extension DenseMatrix {
  /// Adds one row to every row.
  mutating func add(row: [Scalar]) {
    values.withUnsafeMutableBufferPointer { values in
      row.withUnsafeBufferPointer { row in
        for start in stride(from: 0, to: values.count, by: columns) {
          for c in 0..<row.count { values[start + c] += row[c] }
        }
      }
    }
  }
}
