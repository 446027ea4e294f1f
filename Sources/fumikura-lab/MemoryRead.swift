import Glibc

/// Memory that is only read, to measure how long that takes.
///
/// `@unchecked Sendable`: nothing is written after `init`.
final class MemoryRead: @unchecked Sendable {
  private let bytes: UnsafeMutableRawBufferPointer

  /// Touches every page, so that each is a page of its own: a huge one where the kernel has such, as a block of codes has.
  init(byteCount: Int) {
    let hugePage = 2 << 20
    bytes = .allocate(byteCount: (byteCount + 255) / 256 * 256, alignment: byteCount > hugePage ? hugePage : 256)
    if byteCount > hugePage {
      _ = madvise(bytes.baseAddress!, bytes.count / hugePage * hugePage, MADV_HUGEPAGE)  // refused: small pages
    }
    for offset in stride(from: 0, to: bytes.count, by: 8) {
      bytes.storeBytes(
        of: UInt64(truncatingIfNeeded: offset) &* 0x9E37_79B9_7F4A_7C15, toByteOffset: offset, as: UInt64.self)
    }
  }

  deinit { bytes.deallocate() }

  /// Reads a range, widened to multiples of 256 bytes, and folds it into one word.
  @inline(never)
  func read(_ range: Range<Int>) {
    var sums = (SIMD8<UInt64>.zero, SIMD8<UInt64>.zero, SIMD8<UInt64>.zero, SIMD8<UInt64>.zero)
    let end = min((range.upperBound + 255) / 256 * 256, bytes.count)
    var pointer = UnsafeRawPointer(bytes.baseAddress! + range.lowerBound / 256 * 256)
    let last = UnsafeRawPointer(bytes.baseAddress! + end)
    while pointer < last {
      sums.0 ^= pointer.load(as: SIMD8<UInt64>.self)
      sums.1 ^= pointer.load(fromByteOffset: 64, as: SIMD8<UInt64>.self)
      sums.2 ^= pointer.load(fromByteOffset: 128, as: SIMD8<UInt64>.self)
      sums.3 ^= pointer.load(fromByteOffset: 192, as: SIMD8<UInt64>.self)
      pointer += 256
    }
    Self.keep((sums.0 ^ sums.1 ^ sums.2 ^ sums.3).wrappedSum())
  }

  /// What the optimiser cannot see through: without it nothing would be read.
  @inline(never) @_optimize(none)
  private static func keep(_ value: UInt64) {}
}
