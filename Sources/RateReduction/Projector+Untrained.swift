import Glibc
package import LinearAlgebra

/// The projectors that need no training. They are what a trained one is measured against, and where training starts.
extension Projector {
  /// Partly whitened PCA: row i of L is vᵢ (λᵢ / λ₁)^(−γ/2), applied to vectors that are *not* centred; no bias.
  ///
  /// λ and v come from the mean-centred covariance of `passages` (n × D). γ = 0 keeps the variances, γ = 1 makes them
  /// equal; .25 was measured to be best for retrieval, .15 at 256 dimensions. Where the passages span fewer dimensions
  /// than asked (λ below 10⁻⁶ λ₁), that is what λ is taken for.
  ///
  /// - Throws: for no passages, a constant or non-finite corpus, and dimensions outside 1...D.
  package static func whitenedPCA(
    of passages: any SourceRows, dimensions: Int, gamma: Double = 0.25, rotationSeed: UInt64 = 1
  ) throws -> Projector {
    try whitenedPCA(PrincipalAxes(of: passages), dimensions: dimensions, gamma: gamma, rotationSeed: rotationSeed)
  }

  /// The same from axes at hand.
  package static func whitenedPCA(
    _ axes: PrincipalAxes, dimensions: Int, gamma: Double = 0.25, rotationSeed: UInt64 = 1
  ) throws -> Projector {
    try check(dimensions, of: axes.mean.count)
    var rows = axes.axes.rows(0..<dimensions)
    for r in 0..<dimensions {
      let ratio = max(axes.variances[r] / axes.variances[0], 1e-6)
      let scale = pow(ratio, -gamma / 2)
      for c in 0..<rows.columns { rows[r, c] *= scale }
    }
    return Projector(
      linear: Matrix(rows), bias: [Float](repeating: 0, count: dimensions), rotationSeed: rotationSeed)
  }

  /// Plain PCA: the first axes of the centred vectors.
  package static func pca(of passages: Matrix, dimensions: Int, rotationSeed: UInt64 = 1) throws -> Projector {
    let axes = try PrincipalAxes(of: passages)
    try check(dimensions, of: passages.columns)
    let rows = axes.axes.rows(0..<dimensions)
    let mean = DoubleMatrix(rows: 1, columns: passages.columns, values: axes.mean)
    return Projector(
      linear: Matrix(rows), bias: rows.timesTransposed(mean).values.map { Float(-$0) }, rotationSeed: rotationSeed)
  }

  /// The first components, as they are; with all of them, the source vector itself.
  package static func truncation(from input: Int, to dimensions: Int, rotationSeed: UInt64 = 1) throws -> Projector {
    try check(dimensions, of: input)
    return Projector(
      linear: Matrix.identity(input).rows(0..<dimensions), bias: [Float](repeating: 0, count: dimensions),
      rotationSeed: rotationSeed)
  }

  /// A Gaussian matrix (Johnson–Lindenstrauss), from the seed.
  package static func random(from input: Int, to dimensions: Int, seed: UInt64) throws -> Projector {
    try check(dimensions, of: input)
    var generator = SeededGenerator(seed: seed)
    return Projector(
      linear: .gaussian(rows: dimensions, columns: input, using: &generator),
      bias: [Float](repeating: 0, count: dimensions), rotationSeed: seed)
  }

  static func check(_ dimensions: Int, of input: Int) throws {
    guard 1...max(1, input) ~= dimensions else {
      throw RateReductionError.invalid(what: "dimensions", got: "\(dimensions)", expected: "1...\(input)")
    }
  }
}
