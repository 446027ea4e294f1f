import Foundation
import LinuxSystem
import SystemPackage

/// The layout of a model file (`.fmodel`), all numbers little-endian:
///
///     0   8 bytes "FUMIKURA"
///     8   u32     format version: 2, or 3 for a static model
///     12  u32     bytes of the header
///     16  u64     bytes of the whole file
///     24  …       the header, JSON (`EncoderModelHeader`)
///         …       zeros up to a multiple of 64: here the data starts
///         …       the parts, each at a multiple of 64, zeros between them
///         32      SHA-256 of all bytes before it
enum ModelFileFormat {
  static let magic = Array("FUMIKURA".utf8)
  /// What is read. A file has the lowest version that can say what it holds, so that what older programs can read stays
  /// the same file, of the same hash.
  static let versions: ClosedRange<UInt32> = 2...3
  static let preludeCount = 24
  static let digestCount = 32
  static let alignment = 64

  static func aligned(_ offset: Int) -> Int { (offset + alignment - 1) / alignment * alignment }

  /// One part to be written.
  struct NamedPart {
    let name: String
    let number: EncoderModelHeader.Part.Number
    let shape: [Int]
    /// Hands the part's bytes, in order and in as many pieces as it likes, to the function that it is given.
    let produce: ((UnsafeRawBufferPointer) throws -> Void) throws -> Void

    init<Number: BitwiseCopyable>(
      _ name: String, _ number: EncoderModelHeader.Part.Number, shape: [Int], _ values: [Number]
    ) {
      precondition(number.byteCount(of: shape.reduce(1, *)) == values.count * MemoryLayout<Number>.size)
      self.init(name, number, shape: shape) { put in try values.withUnsafeBytes { try put($0) } }
    }

    /// A part that is made as it is written, so that a large model is never in memory as a whole.
    init(
      _ name: String, _ number: EncoderModelHeader.Part.Number, shape: [Int],
      produce: @escaping ((UnsafeRawBufferPointer) throws -> Void) throws -> Void
    ) {
      self.name = name
      self.number = number
      self.shape = shape
      self.produce = produce
    }

    /// - Precondition: the shape is one of whole blocks and no overflow.
    var byteCount: Int { number.byteCount(of: shape.reduce(1, *))! }
  }

  /// Writes a model file beside `path` and renames it there once it is whole and on the disk. `progress` is told the
  /// bytes that are written and the file's length, now and then.
  static func write(
    _ parts: [NamedPart], to path: FilePath, progress: @escaping (Int, Int) -> Void = { _, _ in },
    header: ([String: EncoderModelHeader.Part]) -> EncoderModelHeader
  ) throws {
    var table: [String: EncoderModelHeader.Part] = [:]
    var end = 0
    for part in parts {
      let offset = aligned(end)
      table[part.name] = EncoderModelHeader.Part(number: part.number, shape: part.shape, offset: offset)
      end = offset + part.byteCount
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let header = header(table)
    let version: UInt32 = header.family.isTransformer ? 2 : 3
    let json = try [UInt8](encoder.encode(header))
    let dataStart = aligned(preludeCount + json.count)
    let total = UInt64(dataStart + end + digestCount)

    var prelude = magic
    for number in [version, UInt32(json.count)] { withUnsafeBytes(of: number.littleEndian) { prelude += $0 } }
    withUnsafeBytes(of: total.littleEndian) { prelude += $0 }

    var temporary = path
    temporary.components.removeLast()
    temporary.append(".\(path.lastComponent?.string ?? "model").\(UInt64.random(in: 0...UInt64.max))")
    do {
      try write(prelude + json, dataStart: dataStart, parts: parts, to: temporary) { progress($0, Int(total)) }
      guard temporary.withPlatformString({ from in path.withPlatformString { rename(from, $0) } }) == 0 else {
        throw LinuxError(call: "rename", subject: path.string)
      }
    } catch {
      _ = temporary.withPlatformString { unlink($0) }
      throw error
    }
  }

  private static func write(
    _ start: [UInt8], dataStart: Int, parts: [NamedPart], to path: FilePath, progress: @escaping (Int) -> Void
  ) throws {
    do {
      let descriptor = try FileDescriptor.open(
        path, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec],
        permissions: [.ownerReadWrite, .groupRead, .otherRead])
      try descriptor.closeAfter {
        let output = HashedOutput(descriptor, progress)
        try output.put(start)
        try output.put([UInt8](repeating: 0, count: dataStart - output.written))
        for part in parts {
          try output.put([UInt8](repeating: 0, count: aligned(output.written) - output.written))
          let before = output.written
          try part.produce { try output.put($0) }
          precondition(output.written - before == part.byteCount, "\(part.name) gave as many bytes as it said")
        }
        try descriptor.writeAll(output.digest().bytes)
        guard fsync(descriptor.rawValue) == 0 else { throw LinuxError(call: "fsync", subject: path.string) }
      }
    } catch let error as Errno {
      throw LinuxError(call: "write", subject: path.string, code: error)
    }
  }

  /// A file as it is written, with the digest of all that was.
  private final class HashedOutput {
    private(set) var written = 0
    private let descriptor: FileDescriptor
    private let progress: (Int) -> Void
    /// Nil once the digest was taken.
    private var hasher: SHA256Digest.Hasher? = SHA256Digest.Hasher()

    init(_ descriptor: FileDescriptor, _ progress: @escaping (Int) -> Void) {
      self.descriptor = descriptor
      self.progress = progress
    }

    func put(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try put($0) } }

    func put(_ bytes: UnsafeRawBufferPointer) throws {
      hasher?.update(bytes)
      try descriptor.writeAll(bytes)
      written += bytes.count
      progress(written)
    }

    /// The digest; nothing may be written after.
    func digest() -> SHA256Digest { hasher.take()!.finish() }
  }
}
