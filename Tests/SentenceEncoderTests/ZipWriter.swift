import CZlib

/// Writes zip archives for tests, honest or spoiled.
struct ZipWriter {
  struct Entry {
    var name: String
    var contents: [UInt8]
    var deflated = true
    /// Added to the true value in the headers.
    var countError: UInt32 = 0
    var checksumError: UInt32 = 0
    var flags: UInt16 = 0
    /// Of Unix; 0 for an archive of another system.
    var mode: UInt32 = 0
    /// The name in the entry's own header, where it is another one.
    var localName: String?
  }

  var entries: [Entry] = []

  var archive: [UInt8] {
    var result: [UInt8] = []
    var directory: [UInt8] = []
    func u16(_ value: Int) -> [UInt8] { [UInt8(value & 255), UInt8(value >> 8 & 255)] }
    func u32(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(value >> (8 * $0) & 255) } }
    for entry in entries {
      let stored = entry.deflated ? Self.deflated(entry.contents) : entry.contents
      let checksum = UInt32(crc32(0, entry.contents, UInt32(entry.contents.count))) &+ entry.checksumError
      let local = Array((entry.localName ?? entry.name).utf8)
      let sizes = u32(UInt32(stored.count)) + u32(UInt32(entry.contents.count) &+ entry.countError)
      let common = u16(20) + u16(Int(entry.flags)) + u16(entry.deflated ? 8 : 0) + u32(0) + u32(checksum) + sizes
      directory += u32(0x0201_4b50) + u16(entry.mode == 0 ? 20 : 0x0314) + common + u16(entry.name.utf8.count)
      directory +=
        u16(0) + u16(0) + u16(0) + u16(0) + u32(entry.mode << 16) + u32(UInt32(result.count)) + Array(entry.name.utf8)
      result += u32(0x0403_4b50) + common + u16(local.count) + u16(0) + local + stored
    }
    let start = UInt32(result.count)
    result += directory
    result += u32(0x0605_4b50) + u16(0) + u16(0) + u16(entries.count) + u16(entries.count)
    return result + u32(UInt32(directory.count)) + u32(start) + u16(0)
  }

  private static func deflated(_ contents: [UInt8]) -> [UInt8] {
    var stream = z_stream()
    deflateInit2_(
      &stream, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    defer { deflateEnd(&stream) }
    var contents = contents
    let capacity = Int(deflateBound(&stream, UInt(contents.count)))
    return contents.withUnsafeMutableBufferPointer { input in
      [UInt8](unsafeUninitializedCapacity: capacity) { output, count in
        stream.next_in = input.baseAddress
        stream.avail_in = UInt32(input.count)
        stream.next_out = output.baseAddress
        stream.avail_out = UInt32(output.count)
        deflate(&stream, Z_FINISH)
        count = Int(stream.total_out)
      }
    }
  }
}
