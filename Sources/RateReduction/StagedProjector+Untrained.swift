import LinearAlgebra

extension StagedProjector {
  /// γ of whitened PCA at the width of the second stage, where it was measured to be best; .25 is at 128 dimensions.
  package static let wideGamma = 0.15

  /// Whitened PCA in codes of `format` and, where the format has less than it, in the wide one.
  ///
  /// - Throws: as ``Projector/whitenedPCA(of:dimensions:gamma:rotationSeed:)`` and
  ///   ``CodeQuantizer/fit(_:format:seed:)``.
  package static func whitenedPCA(
    of passages: any SourceRows, format: CodeFormat, hasWide: Bool = true, rotationSeed: UInt64 = 1
  ) throws -> StagedProjector {
    let axes = try PrincipalAxes(of: passages)
    let wideFormat = hasWide ? wideFormat(beside: format, width: passages.columns) : nil
    return StagedProjector(
      scanned: try CodedProjector(
        .whitenedPCA(axes, dimensions: format.dimensions, rotationSeed: rotationSeed), fittedTo: passages,
        bits: format.bits),
      wide: try wideFormat.map { wide in
        try .whitenedPCA(axes, wide: wide, fittedTo: passages, rotationSeed: rotationSeed)
      })
  }
}

extension CodedProjector {
  /// Whitened PCA in the format of the second stage.
  static func whitenedPCA(
    _ axes: PrincipalAxes, wide: CodeFormat, fittedTo passages: any SourceRows, rotationSeed: UInt64
  ) throws -> CodedProjector {
    try CodedProjector(
      .whitenedPCA(
        axes, dimensions: wide.dimensions, gamma: StagedProjector.wideGamma, rotationSeed: rotationSeed),
      fittedTo: passages, bits: wide.bits)
  }
}
