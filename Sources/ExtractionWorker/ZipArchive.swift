import CArchive
import Glibc

/// One walk through a ZIP archive, entry by entry, inflating nothing that is not asked for. By the central directory where
/// it is whole, else from the start of the file.
final class ZipArchive {
  enum Failure: Error {
    /// The bytes are no archive, or end too soon.
    case malformed
    case memory
  }

  /// Bytes that may be inflated of one entry; what an entry declares of itself is not believed.
  static let maximumEntryBytes = 256 << 20
  /// An archive with more is not read on.
  static let maximumEntries = 200_000

  private let archive: OpaquePointer
  private let source: DocumentSource
  private var offset = 0
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
  /// Small after a jump: most entries are only looked at.
  private var readAhead = 4096
  private var entries = 0
  private var inflated = 0
  /// Whether the current entry was longer than what may be inflated.
  private(set) var reachedLimit = false
  /// Whether the current entry is encrypted.
  private(set) var isEncrypted = false

  init(_ source: DocumentSource) throws(Failure) {
    self.source = source
    guard let archive = archive_read_new() else {
      buffer.deallocate()
      throw .memory
    }
    self.archive = archive
    archive_read_support_format_zip(archive)
    archive_read_set_callback_data(archive, Unmanaged.passUnretained(self).toOpaque())
    archive_read_set_read_callback(archive) { _, context, bytes in
      let zip = ZipArchive.of(context)
      let count = zip.source.read(
        into: UnsafeMutableRawBufferPointer(rebasing: zip.buffer[..<zip.readAhead]), at: zip.offset)
      zip.offset += count
      zip.readAhead = min(zip.buffer.count, zip.readAhead * 2)
      bytes?.pointee = UnsafeRawPointer(zip.buffer.baseAddress)
      return count
    }
    archive_read_set_seek_callback(archive) { _, context, distance, whence in
      let zip = ZipArchive.of(context)
      zip.readAhead = 4096
      let origin = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? Int64(zip.offset) : Int64(zip.source.size)
      zip.offset = Int(max(0, min(origin + distance, Int64(zip.source.size))))
      return Int64(zip.offset)
    }
    archive_read_set_skip_callback(archive) { _, context, distance in
      let zip = ZipArchive.of(context)
      let skipped = max(0, min(distance, Int64(zip.source.size - zip.offset)))
      zip.offset += Int(skipped)
      return skipped
    }
    guard archive_read_open1(archive) >= ARCHIVE_WARN else { throw .malformed }
  }

  deinit {
    archive_read_free(archive)
    buffer.deallocate()
  }

  /// Goes to the next entry and returns its path; nil after the last one.
  func next() throws(Failure) -> String? {
    guard entries < Self.maximumEntries else { return nil }
    entries += 1
    inflated = 0
    reachedLimit = false
    var entry: OpaquePointer?
    let result = archive_read_next_header(archive, &entry)
    if result == ARCHIVE_EOF { return nil }
    guard result >= ARCHIVE_WARN, let entry else { throw errno == ENOMEM ? .memory : .malformed }
    isEncrypted = archive_entry_is_encrypted(entry) != 0
    // Names that are not UTF-8 name no part of an office document.
    guard let name = archive_entry_pathname_utf8(entry) ?? archive_entry_pathname(entry) else { return "" }
    return String(cString: name)
  }

  /// Goes to the first entry of this path, whatever the case of its letters; false where there is none.
  func find(_ path: String) throws(Failure) -> Bool {
    let wanted = path.lowercased()
    while let name = try next() {
      if name.utf8.count == wanted.utf8.count && name.lowercased() == wanted { return true }
    }
    return false
  }

  /// All of the current entry, up to `limit` bytes.
  func content(upTo limit: Int) -> [UInt8] {
    var result: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 15)
    while result.count < limit {
      let count = chunk.withUnsafeMutableBytes { read(into: $0) }
      guard count > 0 else { break }
      result += chunk.prefix(count)
    }
    return result
  }

  /// Inflates the next bytes of the current entry; 0 at its end, negative where it is broken.
  func read(into bytes: UnsafeMutableRawBufferPointer) -> Int {
    guard inflated < Self.maximumEntryBytes else {
      reachedLimit = true
      return -1
    }
    let count = archive_read_data(archive, bytes.baseAddress, bytes.count)
    inflated += max(0, count)
    return count
  }

  private static func of(_ context: UnsafeMutableRawPointer?) -> ZipArchive {
    Unmanaged<ZipArchive>.fromOpaque(context!).takeUnretainedValue()
  }
}
