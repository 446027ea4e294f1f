package import LinearAlgebra

/// A projector with the quantiser of its output: what turns source vectors into codes of one format, and a query into
/// what is compared with them.
package struct CodedProjector: Sendable, Equatable {
  package let projector: Projector
  package let quantizer: CodeQuantizer

  /// - Precondition: the quantiser is of the projector's width.
  package init(projector: Projector, quantizer: CodeQuantizer) {
    precondition(
      projector.outputDimensions == quantizer.format.dimensions, "a quantiser of another width than the projector's")
    self.projector = projector
    self.quantizer = quantizer
  }

  /// A projector with the quantiser that fits its output for `rows` (n × D source vectors).
  ///
  /// - Throws: as ``CodeQuantizer/fit(to:through:format:)``.
  package init(_ projector: Projector, fittedTo rows: any SourceRows, bits: Int) throws {
    let format = CodeFormat(dimensions: projector.outputDimensions, bits: bits)
    self.init(
      projector: projector,
      quantizer: try CodeQuantizer.fit(to: rows, through: projector, format: format))
  }

  package var format: CodeFormat { quantizer.format }

  /// The codes of n × D source vectors, one after another, `format.bytesPerCode` bytes each.
  package func codes(of rows: Matrix) -> [UInt8] { quantizer.encode(projector.project(rows)) }

  /// A query's source vector as the projector sees it: a unit row of `format.dimensions` components.
  package func project(query row: [Float]) -> [Float] {
    projector.project(Matrix(rows: 1, columns: row.count, values: row)).row(0)
  }
}
