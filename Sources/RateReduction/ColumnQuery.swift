import CCodeKernels

/// A query for codes that stand in columns: what each half of each byte adds to the sum, exactly and in steps.
struct ColumnQuery: Sendable {
  /// 2 × bytes tables of 16.
  let sums: [Int32]
  let steps: [UInt8]
  let unit: Int
  let leastSum: Int

  init(_ integers: [Int], format: CodeFormat) {
    let (tables, perHalf) = (2 * format.bytesPerCode, format.valuesPerByte / 2)
    var sums = [Int32](repeating: 0, count: tables * 16)
    var least = [Int32](repeating: 0, count: tables)
    var ranges = [Int](repeating: 0, count: tables)
    for table in 0..<tables {
      let own = integers.dropFirst(table * perHalf).prefix(perHalf)
      for half in 0..<16 {
        var (rest, sum) = (half, 0)
        for integer in own {
          sum += (rest & (1 << format.bits - 1)) * integer
          rest >>= format.bits
        }
        sums[table * 16 + half] = Int32(sum)
      }
      let numbers = sums[table * 16..<table * 16 + 16]
      least[table] = numbers.min()!
      ranges[table] = Int(numbers.max()! - least[table])
    }
    // The two halves of a byte must fit 8 bits together, all tables 16 bits, although each is rounded up.
    let widest = stride(from: 0, to: tables, by: 2).map { ranges[$0] + ranges[$0 + 1] }.max()!
    let unit = max(1, (widest + 252) / 253, (ranges.reduce(0, +) + 65_533 - tables) / (65_534 - tables))
    self.unit = unit
    leastSum = least.reduce(0) { $0 + Int($1) }
    steps = sums.indices.map { UInt8((Int(sums[$0] - least[$0 / 16]) + unit - 1) / unit) }
    self.sums = sums
  }

  func with<Result>(_ native: inout fumi_code_query, _ body: (fumi_code_query) throws -> Result) rethrows -> Result {
    try sums.withUnsafeBufferPointer { sums in
      try steps.withUnsafeBufferPointer { steps in
        native.sums = sums.baseAddress
        native.steps = steps.baseAddress
        native.unit = Int32(unit)
        native.least_sum = Int32(leastSum)
        return try body(native)
      }
    }
  }
}
