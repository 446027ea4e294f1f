/// Unicode's blanks (`White_Space`) in UTF-8.
enum Blank {
  /// Where the blank that starts at `position` ends, or nil where there is none.
  @inline(__always)
  static func end(in text: UnsafeBufferPointer<UInt8>, at position: Int) -> Int? {
    guard position < text.count else { return nil }
    let first = text[position]
    if first < 0x80 { return first == 0x20 || 9...13 ~= first ? position + 1 : nil }
    // Those that are no ASCII start with these bytes: U+0085, U+00A0; U+1680; U+2000 to U+205F; U+3000.
    guard first == 0xc2 || 0xe1...0xe3 ~= first, let (scalar, count) = UTF8Scalar.decode(text, at: position),
      isBlank(scalar)
    else { return nil }
    return position + count
  }

  /// Where the blank that ends at `position` starts, or nil where there is none.
  static func start(in text: UnsafeBufferPointer<UInt8>, before position: Int) -> Int? {
    guard let (scalar, start) = UTF8Scalar.scalar(in: text, before: position), isBlank(scalar.value) else { return nil }
    return start
  }

  private static func isBlank(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 9...13, 0x20, 0x85, 0xa0, 0x1680, 0x2000...0x200a, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000: true
    default: false
    }
  }
}
