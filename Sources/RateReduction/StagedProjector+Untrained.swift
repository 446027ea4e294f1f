package import LinearAlgebra

extension StagedProjector {
  /// γ of whitened PCA at the width of the second stage, where it was measured to be best; .25 is at 128 dimensions.
  package static let wideGamma = 0.15

  /// Whitened PCA in codes of `format` and, where the format has less than it, in the wide one.
  ///
  /// - Throws: as ``Projector/whitenedPCA(of:dimensions:gamma:rotationSeed:)`` and
  ///   ``CodeQuantizer/fit(_:format:seed:)``.
  package static func whitenedPCA(
    of passages: Matrix, format: CodeFormat, hasWide: Bool = true, rotationSeed: UInt64 = 1
  ) throws -> StagedProjector {
    let axes = try PrincipalAxes(of: passages)
    let wideFormat = hasWide ? wideFormat(beside: format, width: passages.columns) : nil
    return StagedProjector(
      scanned: try CodedProjector(
        .whitenedPCA(axes, dimensions: format.dimensions, rotationSeed: rotationSeed), fittedTo: passages,
        bits: format.bits),
      wide: try wideFormat.map { wide in
        try CodedProjector(
          .whitenedPCA(axes, dimensions: wide.dimensions, gamma: wideGamma, rotationSeed: rotationSeed),
          fittedTo: passages, bits: wide.bits)
      })
  }
}
