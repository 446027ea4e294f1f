import CEncoderKernels

/// The vectors of a static model: for each piece of the vocabulary a row of eight-bit numbers and what they are to be
/// multiplied by. The sum over a text's tokens, scaled to length 1, is its vector.
///
/// How much a piece counts is in the length of its row. Eight bits are a quarter of float32; a sum's cosine to that of the
/// unrounded rows is above .999.
///
/// `@unchecked Sendable` because the mapping is never written, and `EncoderModel`, which alone hands it out, keeps it.
struct TokenTable: @unchecked Sendable {
  static let valuesPart = "tokens.values"
  static let scalesPart = "tokens.scales"

  let rows: Int
  /// Numbers of a row.
  let width: Int
  /// rows × width, row-major.
  let values: UnsafePointer<Int8>
  /// One a row.
  let scales: UnsafePointer<Float>

  /// Writes the sum of the rows of `ids`, `width` numbers, to `out`.
  ///
  /// - Precondition: every id is a row's.
  func sum(of ids: [Int32], to out: UnsafeMutablePointer<Float>) {
    let known = 0..<Int32(rows)
    precondition(ids.allSatisfy(known.contains), "an id beyond the vocabulary")
    fumikura_sum_byte_rows(values, scales, ids, ids.count, width, out)
  }

  /// As above, of a table in memory.
  static func sum(of ids: [Int32], values: [Int8], scales: [Float], width: Int) -> [Float] {
    var out = [Float](repeating: 0, count: width)
    values.withUnsafeBufferPointer { values in
      scales.withUnsafeBufferPointer { scales in
        TokenTable(rows: scales.count, width: width, values: values.baseAddress!, scales: scales.baseAddress!)
          .sum(of: ids, to: &out)
      }
    }
    return out
  }

  /// The parts of a file that hold `vectors`, each row rounded to 255 steps of its own.
  ///
  /// - Precondition: every number is finite.
  static func parts(of vectors: [Float], width: Int) -> [ModelFileFormat.NamedPart] {
    let rows = vectors.count / width
    var values = [Int8](repeating: 0, count: vectors.count)
    var scales = [Float](repeating: 0, count: rows)
    for row in 0..<rows {
      let places = row * width..<(row + 1) * width
      let largest = vectors[places].reduce(0) { max($0, abs($1)) }
      // A row so small that its scale would be lost is nothing.
      guard largest > 127 * .leastNormalMagnitude else { continue }
      let scale = largest / 127
      scales[row] = scale
      for i in places { values[i] = Int8((vectors[i] / scale).rounded()) }
    }
    return [
      ModelFileFormat.NamedPart(valuesPart, .signed8, shape: [rows, width], values),
      ModelFileFormat.NamedPart(scalesPart, .float32, shape: [rows], scales),
    ]
  }
}
