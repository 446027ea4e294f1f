import Glibc
import LinuxSystem

/// Reads an open file's bytes for its hash, without moving the file offset that the extraction worker will share.
enum ContentReader {
  /// The SHA-256 of the file's content and how many bytes were read.
  static func hash(_ descriptor: borrowing OwnedDescriptor) throws(LinuxError) -> (digest: SHA256Digest, bytes: Int64) {
    let chunk = 1 << 18
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: chunk, alignment: 64)
    defer { buffer.deallocate() }
    var hasher = SHA256Digest.Hasher()
    var offset: off_t = 0
    while true {
      let count = pread(descriptor.rawValue, buffer.baseAddress!, chunk, offset)
      if count < 0 {
        if errno == EINTR { continue }
        throw LinuxError(call: "pread", subject: "descriptor \(descriptor.rawValue)")
      }
      if count == 0 { break }
      hasher.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
      offset += off_t(count)
    }
    return (hasher.finish(), Int64(offset))
  }

  /// Whether the file has further names (hard links): only one of them tells of a change.
  static func hasSeveralNames(_ descriptor: borrowing OwnedDescriptor) throws(LinuxError) -> Bool {
    var status = stat()
    guard fstat(descriptor.rawValue, &status) == 0 else {
      throw LinuxError(call: "fstat", subject: "descriptor \(descriptor.rawValue)")
    }
    return status.st_nlink > 1
  }
}
