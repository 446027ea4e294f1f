/// Little-endian numbers at byte offsets, each access checked against the bounds.
struct LittleEndianBytes {
  let bytes: UnsafeRawBufferPointer

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  var count: Int { bytes.count }

  func u16(_ offset: Int) -> Int { Int(load(UInt16.self, offset)) }
  func u32(_ offset: Int) -> UInt32 { load(UInt32.self, offset) }
  func u64(_ offset: Int) -> UInt64 { load(UInt64.self, offset) }

  private func load<Number: FixedWidthInteger & BitwiseCopyable>(_ type: Number.Type, _ offset: Int) -> Number {
    precondition(offset >= 0 && offset + MemoryLayout<Number>.size <= bytes.count, "read past the end")
    return Number(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: type))
  }
}
