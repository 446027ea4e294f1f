package import LinearAlgebra
package import RateReduction

/// The second stage of a search: a wider form of the same rows, by which the candidates that codes found are ranked
/// again. Queries stay unquantised.
package struct Rescorer: Sendable {
  package enum Kind: String, Sendable, CaseIterable {
    /// The source vectors, int8 with a scale each, all dimensions.
    case source
    /// A second projector's output of up to 256 dimensions, as codes of four bits.
    case wide
  }

  package let kind: Kind
  /// What one row takes beside its code in the first stage.
  package let bytesPerRow: Int
  /// n unit rows, decoded.
  private let rows: Matrix
  /// What queries are made of; nil for source vectors as they are.
  private let projector: Projector?

  /// `rows` are source vectors, n × D.
  package static func source(_ rows: Matrix) -> Rescorer {
    let kept = (0..<rows.rows).map { SourceVector(rows.row($0)) }
    return Rescorer(
      kind: .source, bytesPerRow: CodeFormat.source(dimensions: rows.columns).bytesPerCode + 4,
      rows: SourceVector.matrix(of: kept, dimensions: rows.columns), projector: nil)
  }

  /// - Parameters:
  ///   - rows: source vectors, n × D.
  ///   - projector: of ``StagedProjector/wideDimensions``.
  package static func wide(_ rows: Matrix, projector: Projector) throws -> Rescorer {
    let coded = try CodedProjector(projector, fittedTo: rows, bits: StagedProjector.wideBits)
    return Rescorer(
      kind: .wide, bytesPerRow: coded.format.bytesPerCode, rows: coded.quantizer.decode(coded.codes(of: rows)),
      projector: projector)
  }

  /// Queries (source vectors, q × D) in the form that `order` takes.
  func project(_ queries: Matrix) -> Matrix { projector?.project(queries) ?? queries }

  /// The scores of some rows with one projected query.
  func scores(_ candidates: [Int], for query: [Float]) -> [Float] {
    rows.rows(at: candidates).timesTransposed(Matrix(rows: 1, columns: query.count, values: query)).values
  }

  /// The candidates by their scores with one projected query, best first, ties by the lower row.
  func order(_ candidates: [Int], for query: [Float]) -> [Int] {
    let scores = scores(candidates, for: query)
    return candidates.indices.sorted { (scores[$1], candidates[$0]) < (scores[$0], candidates[$1]) }
      .map { candidates[$0] }
  }
}
