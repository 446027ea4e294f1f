package import LinearAlgebra

extension Projector {
  /// Partly whitened PCA turned by the rotation of iterative quantisation (Gong & Lazebnik 2011, doi
  /// 10.1109/CVPR.2011.5995432), which lets signs lose least: from a random rotation on, R and the signs B of the
  /// corpus's rotated unit rows are each chosen in turn to make ‖B − Z R‖ smallest.
  ///
  /// The codes of a projector are cut after the rotation Q of its seed, so what is made here is the projector whose rows
  /// are Z R Qᵀ: a quantiser turns them back by Q and cuts Z R. Floats rank as those of whitened PCA do.
  ///
  /// 2 n d² + 20 d³ operations an iteration.
  ///
  /// - Throws: as ``whitenedPCA(of:dimensions:gamma:rotationSeed:)``.
  package static func iterativeQuantization(
    of passages: Matrix, dimensions: Int, gamma: Double = 0.25, iterations: Int = 50, rotationSeed: UInt64 = 1
  ) throws -> Projector {
    let start = try whitenedPCA(of: passages, dimensions: dimensions, gamma: gamma, rotationSeed: rotationSeed)
    let rows = start.project(passages)
    let seeded = CodeQuantizer.rotation(dimensions: dimensions, seed: rotationSeed)
    var rotation = seeded
    for _ in 0..<iterations {
      var signs = rows.times(rotation)
      for i in signs.values.indices { signs.values[i] = signs.values[i] < 0 ? -1 : 1 }
      rotation = Matrix(try DoubleMatrix(rows.transposedTimes(signs)).nearestOrthogonal())
    }
    // y R Qᵀ = x Lᵀ R Qᵀ: the rows of L are turned.
    return Projector(
      linear: seeded.timesTransposed(rotation).times(start.linear), bias: start.bias, rotationSeed: rotationSeed)
  }
}
