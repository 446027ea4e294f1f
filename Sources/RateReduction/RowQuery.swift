import CCodeKernels

/// A query for codes that lie one after another: its integers, and their upper 7 bits.
struct RowQuery: Sendable {
  /// 8 / bits planes of `stride`: plane p, number j for value p of byte j.
  let exact: [Int16]
  let high: [Int8]
  let stride: Int
  let highSum: Int32
  let highBias: Int32
  let lowNorm: Float

  init(_ integers: [Int], format: CodeFormat) {
    stride = (format.bytesPerCode + 63) / 64 * 64
    var exact = [Int16](repeating: 0, count: stride * format.valuesPerByte)
    var high = [Int8](repeating: 0, count: exact.count)
    var (highSum, lowSquares) = (0, 0)
    for (i, integer) in integers.enumerated() {
      let upper = (integer + 64) >> 7
      let position = i % format.valuesPerByte * stride + i / format.valuesPerByte
      exact[position] = Int16(integer)
      high[position] = Int8(upper)
      highSum += upper
      lowSquares += (integer - upper * 128) * (integer - upper * 128)
    }
    // Codes that share a register meet the same query again.
    if [16, 32].contains(format.bytesPerCode) {
      for position in high.indices where position % stride >= format.bytesPerCode {
        high[position] = high[position - format.bytesPerCode]
      }
    }
    self.exact = exact
    self.high = high
    self.highSum = Int32(highSum)
    highBias = Int32((format.doubledOffset * highSum) >> 1)
    lowNorm = Float(lowSquares).squareRoot().nextUp
  }

  func with<Result>(_ native: inout fumi_code_query, _ body: (fumi_code_query) throws -> Result) rethrows -> Result {
    try exact.withUnsafeBufferPointer { exact in
      try high.withUnsafeBufferPointer { high in
        native.stride = stride
        native.exact = exact.baseAddress
        native.high = high.baseAddress
        native.high_sum = highSum
        native.high_bias = highBias
        native.low_norm = lowNorm
        return try body(native)
      }
    }
  }
}
