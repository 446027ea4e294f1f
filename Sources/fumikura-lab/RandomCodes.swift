import LinearAlgebra
import RateReduction

extension CodeBlock {
  /// So many random codes, to measure scans on.
  static func random(_ format: CodeFormat, rows: Int, using generator: inout SeededGenerator) -> CodeBlock {
    let block = CodeBlock(format: format, capacity: rows)
    let width = format.bytesPerCode
    // Bits beyond the last dimension are 0 in every code.
    let used = format.dimensions * format.bits % 8
    let lastMask: UInt8 = used == 0 ? 255 : (1 << UInt8(used)) - 1
    var left = rows
    while left > 0 {
      let count = min(left, 65_536)
      var codes = [UInt8](unsafeUninitializedCapacity: (count * width + 7) / 8 * 8) { buffer, initialized in
        let words = UnsafeMutableRawBufferPointer(buffer)
        for offset in stride(from: 0, to: words.count / 8 * 8, by: 8) {
          words.storeBytes(of: generator.next(), toByteOffset: offset, as: UInt64.self)
        }
        initialized = (count * width + 7) / 8 * 8
      }
      codes.removeLast(codes.count - count * width)
      if lastMask != 255 { for row in 1...count { codes[row * width - 1] &= lastMask } }
      block.append(codes)
      left -= count
    }
    return block
  }
}
