package import LinearAlgebra

/// Optimised product quantisation, not parametric (Ge et al. 2013, doi 10.1109/CVPR.2013.379): what is compared with,
/// never what is kept.
///
/// Rows are rotated and cut into as many parts as a code has bytes; a byte names the nearest of 256 centroids of its
/// part. From a random rotation on, the centroids (one step of k-means) and the rotation (orthogonal Procrustes) are
/// each improved in turn, then the centroids alone.
///
/// It learns from the rows that it codes. Where these are fewer than 256, each is a centroid, and nothing is lost; where
/// they are few, as in a corpus of some thousands, more is kept of them than would be of new rows, and the centroids
/// (1 KB a dimension) are not counted in the bytes a row: both are in its favour.
package struct ProductQuantizer: Sendable {
  package let bytesPerCode: Int
  /// d × d; a row y of rotated components is z · rotation.
  private let rotation: Matrix
  private let codebooks: [Codebook]

  /// Rows that centroids are learnt from are drawn where there are more: 256 a centroid.
  private static let largestSample = 65_536

  /// Learns from n × d rows.
  ///
  /// - Throws: ``EvaluationError/unusable(what:got:expected:)`` where there are no rows, or d is not a multiple of `bytes`.
  package init(
    of rows: Matrix, bytes: Int, seed: UInt64, iterations: Int = 50, lastIterations: Int = 25
  ) throws {
    guard rows.rows > 0, bytes > 0, rows.columns % bytes == 0 else {
      throw EvaluationError.unusable(
        what: "product quantisation", got: "\(rows.rows) rows of \(rows.columns) dimensions for \(bytes) bytes",
        expected: "some rows, and dimensions that the bytes share evenly")
    }
    useOneThread()
    var generator = SeededGenerator(seed: seed)
    let sample =
      rows.rows > Self.largestSample
      ? rows.rows(at: generator.sample(Self.largestSample, below: rows.rows)) : rows
    var rotation = Matrix.orthogonal(rows.columns, using: &generator)
    var rotated = sample.times(rotation)
    var codebooks = (0..<bytes).map {
      Codebook(of: Self.part($0, of: bytes, rotated), count: 256, using: &generator)
    }
    for iteration in 0..<iterations + lastIterations {
      var decoded = Matrix(rows: sample.rows, columns: sample.columns)
      for part in 0..<bytes {
        let values = Self.part(part, of: bytes, rotated)
        let codes = codebooks[part].nearest(to: values)
        codebooks[part].move(to: values, nearest: codes)
        decoded.set(codebooks[part].centroids, codes, part)
      }
      guard iteration < iterations else { continue }
      rotation = Matrix(try DoubleMatrix(sample.transposedTimes(decoded)).nearestOrthogonal())
      rotated = sample.times(rotation)
    }
    self.bytesPerCode = bytes
    self.rotation = rotation
    self.codebooks = codebooks
  }

  /// The codes of n × d rows, one after another, `bytesPerCode` bytes each.
  package func encode(_ rows: Matrix) -> [UInt8] {
    let rotated = rows.times(rotation)
    var codes = [UInt8](repeating: 0, count: rows.rows * bytesPerCode)
    for (part, codebook) in codebooks.enumerated() {
      for (row, code) in codebook.nearest(to: Self.part(part, of: bytesPerCode, rotated)).enumerated() {
        codes[row * bytesPerCode + part] = code
      }
    }
    return codes
  }

  /// The rows that codes stand for, rotated back and brought to unit length, as the codes of a grid are.
  package func decode(_ codes: [UInt8]) -> Matrix {
    precondition(codes.count % bytesPerCode == 0, "\(codes.count) bytes are no whole codes of \(bytesPerCode)")
    var rotated = Matrix(rows: codes.count / bytesPerCode, columns: rotation.rows)
    for (part, codebook) in codebooks.enumerated() {
      let own = stride(from: part, to: codes.count, by: bytesPerCode).map { codes[$0] }
      rotated.set(codebook.centroids, own, part)
    }
    return rotated.timesTransposed(rotation).normalisedRows()
  }

  private static func part(_ part: Int, of parts: Int, _ rows: Matrix) -> Matrix {
    let width = rows.columns / parts
    var values: [Float] = []
    values.reserveCapacity(rows.rows * width)
    for row in 0..<rows.rows {
      let start = row * rows.columns + part * width
      values.append(contentsOf: rows.values[start..<start + width])
    }
    return Matrix(rows: rows.rows, columns: width, values: values)
  }
}

extension Matrix {
  /// Puts the centroid that each code names at a part of its row.
  fileprivate mutating func set(_ centroids: Matrix, _ codes: [UInt8], _ part: Int) {
    let width = centroids.columns
    for (row, code) in codes.enumerated() {
      for i in 0..<width {
        values[row * columns + part * width + i] = centroids.values[Int(code) * width + i]
      }
    }
  }
}
