import LinearAlgebra

/// One way of some rows through the network, with what the way back needs.
struct ProjectorPass<Scalar: ActivationScalar> {
  private let input: DenseMatrix<Scalar>
  /// GELU(W₁ x + b₁), and its derivative at each place.
  private let hidden: DenseMatrix<Scalar>
  private let slope: DenseMatrix<Scalar>
  private let norms: [Scalar]
  /// z, the unit rows.
  let output: DenseMatrix<Scalar>

  init(_ input: DenseMatrix<Scalar>, through parameters: ProjectorParameters<Scalar>) {
    var hidden = input.timesTransposed(parameters.inner)
    hidden.add(row: parameters.innerBias.values)
    var slope = hidden
    hidden.values.withUnsafeMutableBufferPointer { hidden in
      slope.values.withUnsafeMutableBufferPointer { slope in
        Scalar.gelu(UnsafeBufferPointer(hidden), value: hidden, derivative: slope)
      }
    }
    var output = input.timesTransposed(parameters.linear)
    output.add(row: parameters.bias.values)
    output.add(row: parameters.outerBias.values)
    output.add(hidden, parameters.outer, transposeB: true)
    norms = output.normaliseRows()
    self.input = input
    self.hidden = hidden
    self.slope = slope
    self.output = output
  }

  /// The gradient of a loss with respect to the parameters, from its gradient with respect to `output`.
  func gradient(
    of outputGradient: DenseMatrix<Scalar>, _ parameters: ProjectorParameters<Scalar>
  ) -> ProjectorParameters<Scalar> {
    // z = y / ‖y‖: dy = (dz − z (z · dz)) / ‖y‖.
    let dy = outputGradient.tangent(to: output) { norms[$0] > 0 ? 1 / norms[$0] : 0 }
    var dHidden = dy.times(parameters.outer)
    dHidden.values.withUnsafeMutableBufferPointer { d in
      slope.values.withUnsafeBufferPointer { slope in
        for i in d.indices { d[i] *= slope[i] }
      }
    }
    let biasGradient = DenseMatrix(rows: 1, columns: dy.columns, values: dy.columnSums())
    return ProjectorParameters(
      linear: dy.transposedTimes(input), bias: biasGradient, inner: dHidden.transposedTimes(input),
      innerBias: DenseMatrix(rows: 1, columns: dHidden.columns, values: dHidden.columnSums()),
      outer: dy.transposedTimes(hidden), outerBias: biasGradient)
  }
}

extension DenseMatrix {
  /// Each row g less what of it lies along the unit row r beside it, (g − r (r · g)), times a factor for the row.
  func tangent(to units: DenseMatrix, scale: (Int) -> Scalar) -> DenseMatrix {
    var result = self
    let (rows, columns) = (rows, columns)
    result.values.withUnsafeMutableBufferPointer { g in
      units.values.withUnsafeBufferPointer { r in
        for row in 0..<rows {
          let range = row * columns..<(row + 1) * columns
          let along = Scalar.dot(UnsafeBufferPointer(rebasing: g[range]), UnsafeBufferPointer(rebasing: r[range]))
          let factor = scale(row)
          for i in range { g[i] = (g[i] - along * r[i]) * factor }
        }
      }
    }
    return result
  }
}
