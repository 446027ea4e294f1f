import LinearAlgebra
import PassageStore
import RateReduction

/// A projector with its quantiser, for both stages of search, ready to make codes and to rank by them.
struct ProjectorInForce: Sendable {
  let row: ProjectorRow
  let stages: StagedProjector

  /// Reads what the store keeps of it.
  init(row: ProjectorRow, encoded: EncodedProjector) throws {
    self.row = row
    stages = try StagedProjector(encodedProjectors: encoded.projector, encodedQuantizers: encoded.quantizer)
  }

  /// By whose output passages are ranked in the end.
  var ranking: CodedProjector { stages.wide ?? stages.scanned }

  /// Codes of some source vectors, as they are stored: those of both stages, one after the other.
  func codes(of vectors: [StoredVector]) -> [[UInt8]] {
    vectors.isEmpty ? [] : stages.codes(of: SourceVectors.matrix(of: vectors))
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
