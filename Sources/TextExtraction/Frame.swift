/// Puts numbers and strings into a frame.
struct FrameWriter {
  private var bytes: [UInt8] = [0, 0, 0, 0]

  mutating func append<Number: FixedWidthInteger>(_ number: Number) {
    withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func append(_ part: [UInt8]) {
    append(UInt32(part.count))
    bytes += part
  }

  mutating func append(_ text: String) {
    append(UInt32(text.utf8.count))
    bytes.append(contentsOf: text.utf8)
  }

  /// The frame, its length first.
  consuming func frame() -> [UInt8] {
    let length = UInt32(bytes.count - 4)
    for index in 0..<4 { bytes[index] = UInt8(truncatingIfNeeded: length >> (8 * UInt32(index))) }
    return bytes
  }
}

/// Takes numbers and strings out of a frame's bytes, none of which it trusts.
struct FrameReader {
  private let content: [UInt8]
  private var offset = 0

  init(_ content: [UInt8]) { self.content = content }

  mutating func integer<Number: FixedWidthInteger>(_: Number.Type) throws(MalformedMessage) -> Number {
    let size = MemoryLayout<Number>.size
    guard content.count - offset >= size else {
      throw MalformedMessage("\(content.count) bytes, expected \(size) more at \(offset)")
    }
    var number: Number = 0
    for index in 0..<size { number |= Number(truncatingIfNeeded: content[offset + index]) << Number(8 * index) }
    offset += size
    return number
  }

  mutating func bytes() throws(MalformedMessage) -> [UInt8] {
    let range = try span()
    return Array(content[range])
  }

  mutating func string(upTo limit: Int) throws(MalformedMessage) -> String {
    let range = try span()
    guard range.count <= limit else {
      throw MalformedMessage("a text of \(range.count) bytes, expected up to \(limit)")
    }
    guard let text = String(validating: content[range], as: UTF8.self) else {
      throw MalformedMessage("a text that is not UTF-8")
    }
    return text
  }

  /// A type or a reason: small letters, digits and hyphens.
  mutating func word() throws(MalformedMessage) -> String {
    let text = try string(upTo: 32)
    guard !text.isEmpty, text.utf8.allSatisfy({ $0 >= 0x61 && $0 <= 0x7A || $0 >= 0x30 && $0 <= 0x39 || $0 == 0x2D })
    else { throw MalformedMessage("a word that is not of small letters, digits and hyphens") }
    return text
  }

  mutating func wordOrNothing() throws(MalformedMessage) -> String? {
    let start = offset
    if try integer(UInt32.self) == 0 { return nil }
    offset = start
    return try word()
  }

  func end() throws(MalformedMessage) {
    guard offset == content.count else { throw MalformedMessage("\(content.count - offset) bytes more than expected") }
  }

  private mutating func span() throws(MalformedMessage) -> Range<Int> {
    let count = Int(try integer(UInt32.self))
    guard count <= content.count - offset else {
      throw MalformedMessage("a length of \(count), expected up to \(content.count - offset)")
    }
    defer { offset += count }
    return offset..<offset + count
  }
}
