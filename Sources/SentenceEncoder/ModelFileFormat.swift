import Foundation
import LinuxSystem
import SystemPackage

/// The layout of a model file (`.fmodel`), all numbers little-endian:
///
///     0   8 bytes "FUMIKURA"
///     8   u32     format version, 2
///     12  u32     bytes of the header
///     16  u64     bytes of the whole file
///     24  …       the header, JSON (`EncoderModelHeader`)
///         …       zeros up to a multiple of 64: here the data starts
///         …       the parts, each at a multiple of 64, zeros between them
///         32      SHA-256 of all bytes before it
enum ModelFileFormat {
  static let magic = Array("FUMIKURA".utf8)
  static let version: UInt32 = 2
  static let preludeCount = 24
  static let digestCount = 32
  static let alignment = 64

  static func aligned(_ offset: Int) -> Int { (offset + alignment - 1) / alignment * alignment }

  /// One part to be written.
  struct NamedPart {
    let name: String
    let number: EncoderModelHeader.Part.Number
    let shape: [Int]
    let bytes: [UInt8]

    init<Number: BitwiseCopyable>(
      _ name: String, _ number: EncoderModelHeader.Part.Number, shape: [Int], _ values: [Number]
    ) {
      precondition(number.byteCount(of: shape.reduce(1, *)) == values.count * MemoryLayout<Number>.size)
      self.name = name
      self.number = number
      self.shape = shape
      bytes = values.withUnsafeBytes { Array($0) }
    }
  }

  /// Writes a model file beside `path` and renames it there once it is whole and on the disk.
  static func write(
    _ parts: [NamedPart], to path: FilePath, header: ([String: EncoderModelHeader.Part]) -> EncoderModelHeader
  ) throws {
    var table: [String: EncoderModelHeader.Part] = [:]
    var end = 0
    for part in parts {
      let offset = aligned(end)
      table[part.name] = EncoderModelHeader.Part(number: part.number, shape: part.shape, offset: offset)
      end = offset + part.bytes.count
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let json = try [UInt8](encoder.encode(header(table)))
    let dataStart = aligned(preludeCount + json.count)
    let total = UInt64(dataStart + end + digestCount)

    var prelude = magic
    for number in [version, UInt32(json.count)] { withUnsafeBytes(of: number.littleEndian) { prelude += $0 } }
    withUnsafeBytes(of: total.littleEndian) { prelude += $0 }

    var temporary = path
    temporary.components.removeLast()
    temporary.append(".\(path.lastComponent?.string ?? "model").\(UInt64.random(in: 0...UInt64.max))")
    do {
      try write(prelude + json, dataStart: dataStart, parts: parts, to: temporary)
      guard temporary.withPlatformString({ from in path.withPlatformString { rename(from, $0) } }) == 0 else {
        throw LinuxError(call: "rename", subject: path.string)
      }
    } catch {
      _ = temporary.withPlatformString { unlink($0) }
      throw error
    }
  }

  private static func write(_ start: [UInt8], dataStart: Int, parts: [NamedPart], to path: FilePath) throws {
    do {
      let descriptor = try FileDescriptor.open(
        path, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec],
        permissions: [.ownerReadWrite, .groupRead, .otherRead])
      try descriptor.closeAfter {
        var hasher = SHA256Digest.Hasher()
        var written = 0
        func put(_ bytes: [UInt8]) throws {
          bytes.withUnsafeBytes { hasher.update($0) }
          try descriptor.writeAll(bytes)
          written += bytes.count
        }
        try put(start)
        try put([UInt8](repeating: 0, count: dataStart - written))
        for part in parts {
          try put([UInt8](repeating: 0, count: aligned(written) - written))
          try put(part.bytes)
        }
        try descriptor.writeAll(hasher.finish().bytes)
        guard fsync(descriptor.rawValue) == 0 else { throw LinuxError(call: "fsync", subject: path.string) }
      }
    } catch let error as Errno {
      throw LinuxError(call: "write", subject: path.string, code: error)
    }
  }
}
