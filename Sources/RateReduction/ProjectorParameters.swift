import LinearAlgebra

/// The weights of a projector while it is trained, or anything of their shape: gradients, moments.
struct ProjectorParameters<Scalar: ActivationScalar> {
  /// L, d × D.
  var linear: DenseMatrix<Scalar>
  /// b, 1 × d.
  var bias: DenseMatrix<Scalar>
  /// W₁, hidden × D.
  var inner: DenseMatrix<Scalar>
  /// b₁, 1 × hidden.
  var innerBias: DenseMatrix<Scalar>
  /// W₂, d × hidden.
  var outer: DenseMatrix<Scalar>
  /// b₂, 1 × d.
  var outerBias: DenseMatrix<Scalar>

  /// All six, for what treats them alike.
  static var parts: [WritableKeyPath<Self, DenseMatrix<Scalar>>] {
    [\.linear, \.bias, \.inner, \.innerBias, \.outer, \.outerBias]
  }

  /// Zeros of the same shapes.
  var zeros: Self {
    var copy = self
    for part in Self.parts {
      copy[keyPath: part] = DenseMatrix(rows: self[keyPath: part].rows, columns: self[keyPath: part].columns)
    }
    return copy
  }
}

extension ProjectorParameters<Float> {
  /// Where training starts: the linear projector itself, and beside it a perceptron whose output is 0.
  init(start: Projector, hidden: Int, using generator: inout SeededGenerator) {
    let (input, output) = (start.inputDimensions, start.outputDimensions)
    let bound = 1 / Double(input).squareRoot()
    func uniform(_ rows: Int, _ columns: Int) -> Matrix {
      Matrix(
        rows: rows, columns: columns,
        values: (0..<rows * columns).map { _ in Float((2 * generator.uniform() - 1) * bound) })
    }
    linear = start.linear
    bias = Matrix(rows: 1, columns: output, values: start.bias)
    inner = uniform(hidden, input)
    innerBias = uniform(1, hidden)
    outer = Matrix(rows: output, columns: hidden)
    outerBias = Matrix(rows: 1, columns: output)
  }

  func projector(rotationSeed: UInt64) -> Projector {
    Projector(
      linear: linear, bias: bias.values,
      residual: .init(inner: inner, innerBias: innerBias.values, outer: outer, outerBias: outerBias.values),
      rotationSeed: rotationSeed)
  }
}
