/// Little-endian numbers of an image one after the other; each error names what was to be read.
struct ImageReader {
  private let bytes: UnsafeRawBufferPointer
  private let source: String
  private let part: String
  private(set) var position = 0

  init(_ bytes: UnsafeRawBufferPointer, source: String, part: String) {
    self.bytes = bytes
    self.source = source
    self.part = part
  }

  var count: Int { bytes.count }
  var remaining: Int { bytes.count - position }

  func broken(_ got: String, _ expected: String) -> EncoderModelError {
    .malformedPart(source: source, part: part, got: got, expected: expected)
  }

  mutating func bytes(_ count: Int, _ what: String) throws(EncoderModelError) -> UnsafeRawBufferPointer {
    guard count <= remaining else { throw broken("\(remaining) bytes at \(position)", "\(count) for \(what)") }
    defer { position += count }
    return UnsafeRawBufferPointer(rebasing: bytes[position..<(position + count)])
  }

  mutating func u8(_ what: String) throws(EncoderModelError) -> UInt8 { try bytes(1, what)[0] }
  mutating func u16(_ what: String) throws(EncoderModelError) -> Int { LittleEndianBytes(try bytes(2, what)).u16(0) }
  mutating func u32(_ what: String) throws(EncoderModelError) -> UInt32 { LittleEndianBytes(try bytes(4, what)).u32(0) }
  mutating func u64(_ what: String) throws(EncoderModelError) -> UInt64 { LittleEndianBytes(try bytes(8, what)).u64(0) }

  /// A signed number of 32 bits that must lie within `range`.
  mutating func count(_ what: String, _ range: ClosedRange<Int>) throws(EncoderModelError) -> Int {
    let number = Int(Int32(bitPattern: try u32(what)))
    guard range.contains(number) else { throw broken("\(number) for \(what)", "\(range)") }
    return number
  }
}
