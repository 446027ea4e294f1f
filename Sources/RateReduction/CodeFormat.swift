/// The shape of a code: how many dimensions, how many bits each.
///
/// Value c of 0..<2^bits stands for c − (2^bits − 1) / 2 steps of a grid (mid-rise: no value stands for 0); byte j of a
/// code holds the dimensions j · 8/bits and those that follow, the first in its lowest bits, and what is left of the
/// last byte is 0.
///
/// ``source(dimensions:)`` is the 8-bit form of source vectors, where c stands for c − 128.
package struct CodeFormat: Sendable, Hashable, CustomStringConvertible {
  package let dimensions: Int
  /// 8, 4, 2 or 1.
  package let bits: Int
  let isSource: Bool

  /// - Precondition: `bits` is 8, 4, 2 or 1 and `dimensions` is in 1...2048.
  package init(dimensions: Int, bits: Int) {
    self.init(dimensions: dimensions, bits: bits, isSource: false)
  }

  private init(dimensions: Int, bits: Int, isSource: Bool) {
    precondition([1, 2, 4, 8].contains(bits), "codes of \(bits) bits: 8, 4, 2 and 1 are known")
    precondition(Self.dimensionRange.contains(dimensions), "codes of \(dimensions) dimensions: \(Self.dimensionRange)")
    self.dimensions = dimensions
    self.bits = bits
    self.isSource = isSource
  }

  /// Beyond them the integer sums of the scan would not fit 32 bits.
  static let dimensionRange = 1...2048

  /// Codes of so many bytes without an unused value, whose values mean the same.
  static func whole(bytes: Int, like format: CodeFormat) -> CodeFormat {
    CodeFormat(dimensions: bytes * format.valuesPerByte, bits: format.bits, isSource: format.isSource)
  }

  /// Source vectors: 8 bits, not rotated, a scale of its own for each row.
  package static func source(dimensions: Int) -> CodeFormat {
    CodeFormat(dimensions: dimensions, bits: 8, isSource: true)
  }

  package var bytesPerCode: Int { (dimensions * bits + 7) / 8 }

  package var description: String { isSource ? "\(dimensions)-d int8" : "\(dimensions)-d × \(bits) bits" }

  var valuesPerByte: Int { 8 / bits }

  /// Whether a block of 64 rows holds byte 0 of all of them, then byte 1, and so on; else one code lies after another.
  /// Where a byte holds four values or more, looking up sums for half a byte is faster than multiplying.
  var standsInColumns: Bool { bits <= 2 }

  /// Whether all codes are of one length: values of one bit are half a step from 0, whichever they are.
  var hasOneNorm: Bool { bits == 1 }

  /// What the value 0 stands for, in halves of a step, turned positive: 2^bits − 1, or 256 for source vectors.
  var doubledOffset: Int { isSource ? 256 : (1 << bits) - 1 }

  /// 1 / ‖code‖, the norm in steps; 0 for a source vector of zeros.
  package func inverseNorm(of code: UnsafeBufferPointer<UInt8>) -> Float {
    Self.inverseNorm(squares: doubledSquares(of: code))
  }

  /// 1 / √(sum / 4).
  static func inverseNorm(squares sum: Int) -> Float { sum == 0 ? 0 : 2 / Float(sum).squareRoot() }

  /// The sum of the squares of twice what the values stand for.
  func doubledSquares(of code: UnsafeBufferPointer<UInt8>) -> Int {
    let mask = UInt8(truncatingIfNeeded: (1 << bits) - 1)
    var sum = 0
    var remaining = dimensions
    for byte in code {
      var rest = byte
      for _ in 0..<min(valuesPerByte, remaining) {
        let doubled = 2 * Int(rest & mask) - doubledOffset
        sum += doubled * doubled
        rest = bits == 8 ? 0 : rest >> UInt8(bits)
      }
      remaining -= valuesPerByte
    }
    return sum
  }
}
