import LinearAlgebra
import PassageStore
import RateReduction

/// A projector with its quantiser, ready to make codes and to rank by them.
struct ProjectorInForce: Sendable {
  let row: ProjectorRow
  let projector: Projector
  let quantizer: CodeQuantizer

  init(row: ProjectorRow, projector: Projector, quantizer: CodeQuantizer) {
    self.row = row
    self.projector = projector
    self.quantizer = quantizer
  }

  /// Reads what the store keeps of it.
  init(row: ProjectorRow, encoded: EncodedProjector) throws {
    self.row = row
    projector = try Projector(encoded: encoded.projector)
    quantizer = try CodeQuantizer(encoded: encoded.quantizer)
  }

  /// Codes of some source vectors, one after the other: n × bytesPerCode.
  func codes(of vectors: [StoredVector]) -> [[UInt8]] {
    guard !vectors.isEmpty else { return [] }
    let bytes = quantizer.encode(projector.project(SourceVectors.matrix(of: vectors)))
    let width = quantizer.format.bytesPerCode
    return vectors.indices.map { Array(bytes[$0 * width..<($0 + 1) * width]) }
  }
}

/// Stored source vectors as float rows.
enum SourceVectors {
  /// n × d, dequantised; the rows have unit length but for rounding.
  static func matrix(of vectors: [StoredVector]) -> Matrix {
    let columns = vectors.first?.values.count ?? 0
    var values: [Float] = []
    values.reserveCapacity(vectors.count * columns)
    for vector in vectors { for value in vector.values { values.append(Float(value) * vector.scale) } }
    return Matrix(rows: vectors.count, columns: columns, values: values)
  }
}
