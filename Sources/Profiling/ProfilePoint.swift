package import Evaluation
package import RateReduction

/// One way of keeping vectors small that a profile measures: a projection, a code, and what ranks the best rows again.
package struct ProfilePoint: Sendable, Hashable {
  package let method: ProjectionMethod
  package let dimensions: Int
  /// 8, 4, 2 or 1; 32 is float.
  package let bits: Int
  /// Nil: one stage.
  package let rescorer: Rescorer.Kind?
  /// Of the source vectors.
  package let inputDimensions: Int

  package init(
    method: ProjectionMethod, dimensions: Int, bits: Int, rescorer: Rescorer.Kind? = nil, inputDimensions: Int = 384
  ) {
    precondition(CompressedRows.bitWidths.contains(bits), "\(bits) bits: \(CompressedRows.bitWidths) are known")
    self.method = method
    self.dimensions = dimensions
    self.bits = bits
    self.rescorer = rescorer
    self.inputDimensions = inputDimensions
  }

  /// What the first stage scans, a passage.
  package var codeBytes: Int { (dimensions * bits + 7) / 8 }

  /// What is held in memory for a passage, without its ids and its norm: the code, and the wide code where that ranks
  /// again. Source vectors that rank again lie on the disk and count nothing here.
  package var bytes: Int { codeBytes + (rescorer == .wide ? Self.wideBytes(inputDimensions) : 0) }

  package static func wideBytes(_ inputDimensions: Int) -> Int {
    (min(StagedProjector.wideDimensions, inputDimensions) * StagedProjector.wideBits + 7) / 8
  }

  /// The scan's format; nil for floats, which are not scanned as codes.
  package var format: CodeFormat? {
    if bits == 32 { return nil }
    return method == .full && bits == 8
      ? .source(dimensions: dimensions) : CodeFormat(dimensions: dimensions, bits: bits)
  }

  /// Whether the daemon can be told to do this: `[projector]` knows codes of MCR² and of whitened PCA.
  package var isDeployable: Bool {
    (method == .mcr2 || method == .pcaWhitened) && bits < 32 && 16...384 ~= dimensions && dimensions % 8 == 0
  }

  /// The same bytes by whitened PCA, that which everything is compared with.
  package var whitened: ProfilePoint {
    ProfilePoint(
      method: .pcaWhitened, dimensions: dimensions, bits: bits, rescorer: rescorer, inputDimensions: inputDimensions)
  }

  /// "mcr2, 128-d × 2 bits, rescored".
  package var name: String {
    let code = bits == 32 ? "float" : bits == 1 ? "1 bit" : "\(bits) bits"
    let stage =
      switch rescorer {
      case nil: ""
      case .wide: ", rescored"
      case .source: ", rescored by source vectors"
      }
    return "\(method.rawValue), \(dimensions)-d × \(code)\(stage)"
  }
}
