import LinearAlgebra
import Profiling
import RateReduction

/// How long exact scans of one code format take on this machine, one thread, by the number of codes: the median over
/// random queries on random codes, whose values cannot matter to the kernels.
struct ScanTiming {
  let milliseconds: [Int: Double]
  /// The codes of the largest scan, where all of them would have taken more memory than is set aside; its time is then
  /// in proportion.
  let rows: Int?

  /// Bytes that the codes of one measurement may take.
  static let memory = 192 << 20

  init(_ format: CodeFormat, seed: UInt64, memory: Int = Self.memory) {
    let largest = ProfileCost.scanSizes.max()!
    let held = min(largest, memory / (format.bytesPerCode + 4))
    var generator = SeededGenerator(seed: seed)
    let block = CodeBlock.random(format, rows: held, using: &generator)
    var milliseconds: [Int: Double] = [:]
    for size in ProfileCost.scanSizes {
      let rows = min(size, held)
      let queries = (0...(size > 100_000 ? 7 : 15)).map { _ in
        CodeQuery(rotated: (0..<format.dimensions).map { _ in Float(generator.gaussian()) }, format: format)
      }
      let times = queries.map { query in
        ContinuousClock().measure { _ = topRows(query, in: block, rows: 0..<rows, count: 10) }.milliseconds
      }
      // The first finds no cache warm.
      milliseconds[size] = Array(times.dropFirst()).percentile(0.5) * Double(size) / Double(rows)
    }
    self.milliseconds = milliseconds
    self.rows = held < largest ? held : nil
  }
}
