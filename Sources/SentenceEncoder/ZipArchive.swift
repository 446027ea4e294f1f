import CZlib
import SystemPackage

/// Reads single entries of a zip archive (PKWARE APPNOTE 6.3), as Python wheels are.
///
/// Strict rather than obliging: one end record at the very end, no encryption, no parts, no zip64, stored or deflated
/// entries only, no symbolic links, unique names, and each entry's size, CRC-32 and both headers must agree. Nothing is
/// ever written to disk, so that an entry's name is only a key.
struct ZipArchive {
  struct Entry: Equatable {
    let name: String
    fileprivate let deflated: Bool
    fileprivate let checksum: UInt32
    fileprivate let storedCount: Int
    /// Bytes once inflated.
    let count: Int
    fileprivate let headerOffset: Int
  }

  /// In the order of the central directory.
  let entries: [Entry]
  private let file: MappedFile
  private var source: String { file.path.string }

  /// An entry that is longer once inflated may not shrink by more than `highestRatio`: numbers do not, bombs do.
  private static let longestAtAnyRatio = 64 << 20
  private static let highestRatio = 100
  private static let localHeaderCount = 30
  private static let centralHeaderCount = 46
  private static let endRecordCount = 22

  init(_ file: MappedFile) throws(EncoderModelError) {
    self.file = file
    let bytes = LittleEndianBytes(file.bytes)
    let source = file.path.string
    func broken(_ got: String, _ expected: String) -> EncoderModelError {
      .malformedPart(source: source, part: "the zip archive", got: got, expected: expected)
    }
    // A comment of up to 65,535 bytes may follow the end record.
    let lowest = max(0, bytes.count - Self.endRecordCount - 0xffff)
    var end: Int?
    var candidate = bytes.count - Self.endRecordCount
    while candidate >= lowest {
      if bytes.u32(candidate) == 0x0605_4b50, bytes.u16(candidate + 20) == bytes.count - candidate - Self.endRecordCount
      {
        end = candidate
        break
      }
      candidate -= 1
    }
    guard let end else { throw broken("\(bytes.count) bytes without an end record", "a zip archive") }
    guard bytes.u16(end + 4) == 0, bytes.u16(end + 6) == 0, bytes.u16(end + 8) == bytes.u16(end + 10) else {
      throw broken("an archive in several parts", "one in a single part")
    }
    let count = bytes.u16(end + 10)
    let directoryCount = Int(bytes.u32(end + 12))
    let directory = Int(bytes.u32(end + 16))
    guard count != 0xffff, directory != 0xffff_ffff, directoryCount != 0xffff_ffff else {
      throw broken("a zip64 archive", "one below 4 GiB")
    }
    guard directory + directoryCount == end else {
      throw broken("a directory of \(directoryCount) bytes at \(directory)", "one that ends at the end record, \(end)")
    }
    var entries: [Entry] = []
    var names: Set<[UInt8]> = []
    var next = directory
    for index in 0..<count {
      guard next + Self.centralHeaderCount <= end, bytes.u32(next) == 0x0201_4b50 else {
        throw broken("no header for entry \(index) at \(next)", "\(count) entries")
      }
      let nameCount = bytes.u16(next + 28)
      let length = Self.centralHeaderCount + nameCount + bytes.u16(next + 30) + bytes.u16(next + 32)
      guard next + length <= end else { throw broken("entry \(index) past the directory's end", "\(count) entries") }
      let nameBytes = Array(
        bytes.bytes[(next + Self.centralHeaderCount)..<(next + Self.centralHeaderCount + nameCount)])
      guard let name = String(validating: nameBytes, as: UTF8.self) else {
        throw broken("a name of entry \(index) that is not UTF-8", "UTF-8 names")
      }
      guard names.insert(nameBytes).inserted else { throw broken("two entries \"\(name)\"", "unique names") }
      guard bytes.u16(next + 8) & 0x2041 == 0 else { throw broken("an encrypted entry \"\(name)\"", "plain entries") }
      let method = bytes.u16(next + 10)
      guard method == 0 || method == 8 else {
        throw broken("compression method \(method) of \"\(name)\"", "0 (stored) or 8 (deflated)")
      }
      guard bytes.u32(next + 20) != .max, bytes.u32(next + 24) != .max, bytes.u32(next + 42) != .max else {
        throw broken("a zip64 entry \"\(name)\"", "entries below 4 GiB")
      }
      // The upper half of the attributes is a Unix mode where the maker's system (upper byte of the version) is Unix.
      guard bytes.u16(next + 4) >> 8 != 3 || bytes.u32(next + 38) >> 28 != 0xa else {
        throw broken("a symbolic link \"\(name)\"", "plain entries")
      }
      let entry = Entry(
        name: name, deflated: method == 8, checksum: bytes.u32(next + 16), storedCount: Int(bytes.u32(next + 20)),
        count: Int(bytes.u32(next + 24)), headerOffset: Int(bytes.u32(next + 42)))
      guard entry.deflated || entry.storedCount == entry.count else {
        throw broken("\"\(name)\" stored in \(entry.storedCount) bytes", "its \(entry.count) bytes")
      }
      // Deflate cannot shrink by more than 1,032 : 1: whatever claims more lies.
      guard entry.count <= entry.storedCount * 1032 + 64 else {
        throw broken("\"\(name)\" of \(entry.count) bytes from \(entry.storedCount)", "at most 1,032 times as many")
      }
      guard entry.count <= max(Self.longestAtAnyRatio, entry.storedCount * Self.highestRatio) else {
        throw broken(
          "\"\(name)\" of \(entry.count) bytes from \(entry.storedCount)",
          "at most \(Self.highestRatio) times as many, as weights are")
      }
      entries.append(entry)
      next += length
    }
    guard next == end else { throw broken("\(end - next) bytes after the last entry", "\(count) entries and no more") }
    self.entries = entries
  }

  /// The entry's bytes, checked against its CRC-32: in the mapped archive where they are stored, else inflated.
  func bytes(of entry: Entry) throws(EncoderModelError) -> SourceBytes {
    func broken(_ got: String, _ expected: String) -> EncoderModelError {
      .malformedPart(source: source, part: entry.name, got: got, expected: expected)
    }
    let bytes = LittleEndianBytes(file.bytes)
    let offset = entry.headerOffset
    guard offset + Self.localHeaderCount <= bytes.count, bytes.u32(offset) == 0x0403_4b50 else {
      throw broken("no header at \(offset)", "one there")
    }
    let nameEnd = offset + Self.localHeaderCount + bytes.u16(offset + 26)
    let start = nameEnd + bytes.u16(offset + 28)
    guard start + entry.storedCount <= bytes.count else {
      throw broken("\(entry.storedCount) bytes at \(start)", "bytes within the archive's \(bytes.count)")
    }
    guard bytes.bytes[(offset + Self.localHeaderCount)..<nameEnd].elementsEqual(entry.name.utf8),
      bytes.u16(offset + 8) == (entry.deflated ? 8 : 0)
    else { throw broken("another name or method in its own header", "those of the directory") }

    let stored = UnsafeRawBufferPointer(rebasing: file.bytes[start..<(start + entry.storedCount)])
    let result = entry.deflated ? Self.inflated(stored, count: entry.count) : SourceBytes(stored, of: file)
    guard let result else { throw broken("a deflate stream that breaks off or runs over", "\(entry.count) bytes") }
    let start8 = result.bytes.assumingMemoryBound(to: UInt8.self).baseAddress
    let checksum = UInt32(truncatingIfNeeded: crc32_z(0, start8, result.bytes.count))
    guard checksum == entry.checksum else {
      throw broken("CRC-32 \(String(checksum, radix: 16))", String(entry.checksum, radix: 16))
    }
    return result
  }

  /// Exactly `count` bytes out of a raw deflate stream that ends with the input, or nil.
  private static func inflated(_ input: UnsafeRawBufferPointer, count: Int) -> SourceBytes? {
    var stream = z_stream()
    guard fumikura_inflate_init_raw(&stream) == Z_OK else { return nil }
    defer { inflateEnd(&stream) }
    // One spare byte shows a stream that holds more than it claims.
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: count + 1, alignment: 64)
    stream.next_in = UnsafeMutablePointer(mutating: input.assumingMemoryBound(to: UInt8.self).baseAddress)
    stream.avail_in = UInt32(input.count)
    stream.next_out = memory.assumingMemoryBound(to: UInt8.self).baseAddress
    stream.avail_out = UInt32(clamping: count + 1)
    let ended = inflate(&stream, Z_FINISH) == Z_STREAM_END && stream.avail_in == 0
    let result = SourceBytes(taking: UnsafeMutableRawBufferPointer(rebasing: memory[..<count]))
    return ended && Int(stream.total_out) == count ? result : nil
  }
}
