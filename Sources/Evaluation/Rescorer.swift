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

  /// Dimensions of the wide form, where the source has as many.
  package static let wideDimensions = 256
  package static let wideBits = 4
  /// γ of the whitened PCA that is the wide form of methods without a training.
  package static let wideGamma = 0.15

  /// `rows` are source vectors, n × D.
  package static func source(_ rows: Matrix) -> Rescorer {
    let kept = (0..<rows.rows).map { SourceVector(rows.row($0)) }
    return Rescorer(
      kind: .source, bytesPerRow: CodeFormat.source(dimensions: rows.columns).bytesPerCode + 4,
      rows: SourceVector.matrix(of: kept, dimensions: rows.columns), projector: nil)
  }

  /// - Parameters:
  ///   - rows: source vectors, n × D.
  ///   - projector: of ``wideDimensions``.
  package static func wide(_ rows: Matrix, projector: Projector) throws -> Rescorer {
    let projected = projector.project(rows)
    let format = CodeFormat(dimensions: projected.columns, bits: wideBits)
    let quantizer = try CodeQuantizer.fit(projected, format: format, seed: projector.rotationSeed)
    return Rescorer(
      kind: .wide, bytesPerRow: format.bytesPerCode, rows: quantizer.decode(quantizer.encode(projected)),
      projector: projector)
  }

  /// How many candidates codes of so many bytes need: the fewer bytes, the more (recipe §2, "Two stages at scale").
  package static func candidates(forBytes bytes: Int) -> Int {
    bytes <= 16 ? 1_000 : bytes <= 32 ? 400 : 200
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
