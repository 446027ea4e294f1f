import Glibc

/// A query made ready for scanning codes of one format: its numbers as integers of 14 bits in the layout of the kernels.
///
/// Rounding the query so moves a score by less than 1e-4 of its range (a test measures it); what is won is that sums are
/// exact, and every kernel gives the same bits.
package struct CodeQuery: Sendable {
  package let format: CodeFormat
  /// 8 / bits planes of `stride` bytes, as `CCodeKernels` wants them.
  package let high: [Int8]
  package let low: [Int8]
  package let stride: Int
  /// Taken from a row's sum of products of stored values: what their offset added.
  package let bias: Int32
  /// What turns an integer back into a number.
  package let scale: Float

  private static let largest: Float = 8191

  /// For codes of a quantizer: `row` is rotated already. Components that are not finite count as 0.
  package init(rotated row: [Float], format: CodeFormat) {
    precondition(row.count == format.dimensions, "a query of \(row.count) for \(format)")
    self.format = format
    stride = (format.bytesPerCode + 63) / 64 * 64
    let magnitude = row.reduce(Float(0)) { $1.isFinite ? max($0, abs($1)) : $0 }
    scale = magnitude / Self.largest
    var high = [Int8](repeating: 0, count: stride * format.valuesPerByte)
    var low = high
    var sum = 0
    for (i, component) in row.enumerated() where component.isFinite && magnitude > 0 {
      let integer = Int((component / magnitude * Self.largest).rounded())
      let upper = (integer + 64) >> 7
      let position = i % format.valuesPerByte * stride + i / format.valuesPerByte
      high[position] = Int8(upper)
      low[position] = Int8(integer - upper * 128)
      sum += integer
    }
    // Codes that share a register meet the same query again.
    if [16, 32].contains(format.bytesPerCode) {
      for position in high.indices where position % stride >= format.bytesPerCode {
        high[position] = high[position - format.bytesPerCode]
        low[position] = low[position - format.bytesPerCode]
      }
    }
    self.high = high
    self.low = low
    bias = Int32((format.doubledOffset * sum) >> 1)
  }

  /// For source vectors: scores are cosines where `row` is a unit row.
  package init(source row: [Float]) {
    self.init(rotated: row, format: .source(dimensions: row.count))
  }
}
