/// Reads well-formed UTF-8 out of any bytes.
enum UTF8Scalar {
  /// The scalar at `position` and its bytes' number, or nil where there is none that is well-formed (Unicode 16, table
  /// 3-7).
  @inline(__always)
  static func decode(
    _ bytes: UnsafeBufferPointer<UInt8>, at position: Int
  ) -> (scalar: UInt32, count: Int)? {
    let first = bytes[position]
    guard first >= 0x80 else { return (UInt32(first), 1) }
    let count = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2
    guard first >= 0xc2, first <= 0xf4, position + count <= bytes.count else { return nil }
    var value = UInt32(first) & (0x7f >> UInt32(count))
    for index in 1..<count {
      let next = bytes[position + index]
      guard next & 0xc0 == 0x80 else { return nil }
      value = value << 6 | UInt32(next & 0x3f)
    }
    let lowest: UInt32 = count == 2 ? 0x80 : count == 3 ? 0x800 : 0x10000
    guard value >= lowest, value < 0x110000, !(0xd800..<0xe000).contains(value) else { return nil }
    return (value, count)
  }

  /// The scalar that starts at `position`, and its bytes' number.
  static func scalar(
    in text: UnsafeBufferPointer<UInt8>, at position: Int
  ) -> (scalar: Unicode.Scalar, count: Int)? {
    guard position < text.count, let (value, count) = decode(text, at: position) else { return nil }
    return Unicode.Scalar(value).map { ($0, count) }
  }

  /// The scalar that ends at `position`, and where it starts.
  static func scalar(
    in text: UnsafeBufferPointer<UInt8>, before position: Int
  ) -> (scalar: Unicode.Scalar, start: Int)? {
    for start in stride(from: position - 1, through: max(0, position - 4), by: -1) where text[start] & 0xc0 != 0x80 {
      guard let (scalar, count) = scalar(in: text, at: start), start + count == position else { return nil }
      return (scalar, start)
    }
    return nil
  }
}
