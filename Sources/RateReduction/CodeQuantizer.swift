package import LinearAlgebra

/// Turns unit vectors of a projector into codes of a few bits a dimension, and back.
///
/// Each vector is rotated by a fixed random orthogonal matrix, which spreads what any direction holds over all
/// dimensions, and cut on one even grid: value c = clip(⌊u / s⌋, −2^(b−1), 2^(b−1) − 1) stands for (c + ½) s; with one
/// bit only the sign is left. The step is s = k σ, σ the standard deviation of all rotated components of the corpus and
/// k that of the best even quantiser of a normal variable (Max 1960): 1.596, .996, .335 and .0308 for 1, 2, 4, 8 bits.
/// The step says where values are cut; scores need it no more, because decoded rows are brought back to unit length.
///
/// Queries are never quantised so: the score is the dot product of the rotated query with the decoded unit row.
package struct CodeQuantizer: Sendable, Equatable {
  package let format: CodeFormat
  /// The rotation is made from it: the seed of the projector's training, where it was trained.
  package let rotationSeed: UInt64
  /// s.
  package let step: Float
  /// d × d; a row u of rotated components is z · rotation.
  let rotation: Matrix

  init(format: CodeFormat, rotationSeed: UInt64, step: Float) {
    self.format = format
    self.rotationSeed = rotationSeed
    self.step = step
    rotation = Self.rotation(dimensions: format.dimensions, seed: rotationSeed)
  }

  /// The rotation of a seed, also that of training.
  static func rotation(dimensions: Int, seed: UInt64) -> Matrix {
    var generator = SeededGenerator(seed: seed)
    return .orthogonal(dimensions, using: &generator)
  }

  /// The quantiser for a corpus of n × d projected rows.
  ///
  /// - Throws: where there are no rows, one is not finite, all are zero, or d is not the format's.
  package static func fit(_ projected: Matrix, format: CodeFormat, seed: UInt64) throws -> CodeQuantizer {
    var spread = Spread()
    try spread.add(projected)
    return try fit(spread, columns: projected.columns, format: format, seed: seed)
  }

  /// The quantiser for a projector's outputs of n × D source vectors, which are made a slice at a time.
  ///
  /// - Throws: as ``fit(_:format:seed:)``.
  package static func fit(
    to rows: any SourceRows, through projector: Projector, format: CodeFormat
  ) throws -> CodeQuantizer {
    var spread = Spread()
    try projector.forEachProjected(rows) { try spread.add($0) }
    return try fit(spread, columns: projector.outputDimensions, format: format, seed: projector.rotationSeed)
  }

  /// The sum of squares of some rows. A rotation keeps it; the mean of components is near 0, and left out as in training.
  private struct Spread {
    var squares = 0.0
    var rows = 0

    mutating func add(_ projected: Matrix) throws {
      if let (row, column) = projected.firstNonFinite {
        throw RateReductionError.notFinite(what: "the rows to quantise", row: rows + row, column: column)
      }
      squares = projected.values.reduce(squares) { $0 + Double($1) * Double($1) }
      rows += projected.rows
    }
  }

  private static func fit(
    _ spread: Spread, columns: Int, format: CodeFormat, seed: UInt64
  ) throws -> CodeQuantizer {
    guard columns == format.dimensions, !format.isSource else {
      throw RateReductionError.invalid(
        what: "the code format", got: "\(format)", expected: "\(columns) dimensions on a grid")
    }
    guard spread.rows > 0 else { throw RateReductionError.empty(what: "the rows to quantise") }
    let deviation = (spread.squares / Double(spread.rows * columns)).squareRoot()
    guard deviation > 0 else { throw RateReductionError.noVariance(rows: spread.rows) }
    let steps: [Int: Double] = [1: 1.596, 2: 0.996, 4: 0.335, 8: 0.0308]
    return CodeQuantizer(format: format, rotationSeed: seed, step: Float(steps[format.bits]! * deviation))
  }

  /// The codes of n × d projected rows, one after another, `format.bytesPerCode` bytes each. A component that is not
  /// finite is taken for 0.
  package func encode(_ projected: Matrix) -> [UInt8] {
    precondition(projected.columns == format.dimensions)
    useOneThread()
    let rotated = projected.times(rotation)
    let (width, half) = (format.bytesPerCode, Float(1 << (format.bits - 1)))
    var codes = [UInt8](repeating: 0, count: projected.rows * width)
    for r in 0..<projected.rows {
      for i in 0..<format.dimensions {
        let component = rotated.values[r * format.dimensions + i]
        let cell = max(-half, min(half - 1, (component.isFinite ? component / step : 0).rounded(.down)))
        let shift = i % format.valuesPerByte * format.bits
        codes[r * width + i / format.valuesPerByte] |= UInt8(cell + half) << UInt8(shift)
      }
    }
    return codes
  }

  /// The unit rows that codes stand for, rotated back: n × d, comparable with what was encoded.
  package func decode(_ codes: [UInt8]) -> Matrix {
    decodeRotated(codes).timesTransposed(rotation)
  }

  /// The unit rows that codes stand for, still rotated.
  func decodeRotated(_ codes: [UInt8]) -> Matrix {
    let width = format.bytesPerCode
    precondition(codes.count % width == 0, "\(codes.count) bytes are no whole codes of \(width)")
    useOneThread()
    let mask = UInt8(truncatingIfNeeded: (1 << format.bits) - 1)
    let offset = Float(format.doubledOffset) / 2
    var result = Matrix(rows: codes.count / width, columns: format.dimensions)
    for r in 0..<result.rows {
      for i in 0..<format.dimensions {
        let shift = UInt8(i % format.valuesPerByte * format.bits)
        let value = codes[r * width + i / format.valuesPerByte] >> shift & mask
        result.values[r * format.dimensions + i] = Float(value) - offset
      }
    }
    result.normaliseRows()
    return result
  }

  /// Makes one projected row ready to scan codes with.
  package func query(_ projectedRow: [Float]) -> CodeQuery {
    CodeQuery(rotated: rotate(projectedRow), format: format)
  }

  /// u = z · rotation.
  func rotate(_ row: [Float]) -> [Float] {
    useOneThread()
    return Matrix(rows: 1, columns: row.count, values: row).times(rotation).values
  }

  private static let magic = "FUMICODE"
  private static let version: UInt32 = 1

  /// "FUMICODE", version, dimensions, bits, rotation seed, step (little-endian), and the SHA-256 of all before it.
  package func encoded() -> [UInt8] {
    var writer = ByteWriter(magic: Self.magic, version: Self.version)
    writer.append(UInt32(format.dimensions))
    writer.append(UInt32(format.bits))
    writer.append(rotationSeed)
    writer.append([step])
    return writer.finish()
  }

  /// Reads ``encoded()`` back; the rotation is made anew.
  ///
  /// - Throws: ``RateReductionError/malformed(what:got:expected:)`` for anything that it did not write.
  package init(encoded bytes: [UInt8]) throws {
    let what = "the quantiser"
    var reader = try ByteReader(bytes, what: what, magic: Self.magic, version: Self.version)
    let dimensions = try reader.count(limit: CodeFormat.dimensionRange.upperBound)
    let bits = try reader.count(limit: 8)
    let seed = try reader.number(UInt64.self)
    let step = try reader.floats(1)[0]
    try reader.finish()
    guard dimensions > 0, [1, 2, 4, 8].contains(bits), step > 0 else {
      throw RateReductionError.malformed(
        what: what, got: "\(dimensions) dimensions × \(bits) bits, step \(step)",
        expected: "1 or more dimensions of 1, 2, 4 or 8 bits, a step above 0")
    }
    self.init(format: CodeFormat(dimensions: dimensions, bits: bits), rotationSeed: seed, step: step)
  }
}
