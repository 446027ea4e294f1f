import Glibc
package import LinuxSystem

/// An open file, read by position: nothing here moves the descriptor's offset, which the daemon shares.
package final class DocumentSource {
  private let descriptor: OwnedDescriptor
  /// Bytes, when it was opened.
  package let size: Int

  /// Nil where it is not a regular file.
  package init?(_ descriptor: consuming OwnedDescriptor) {
    var status = stat()
    guard fstat(descriptor.rawValue, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    size = Int(status.st_size)
    self.descriptor = descriptor
  }

  /// A descriptor of the same file for a library that reads and closes by itself; negative where there can be none.
  func duplicateDescriptor() -> CInt { fcntl(descriptor.rawValue, F_DUPFD_CLOEXEC, 3) }

  /// Up to `count` bytes from `offset`; fewer only at the end of the file.
  func read(_ count: Int, at offset: Int) -> [UInt8] {
    let wanted = max(0, min(count, size - offset))
    return [UInt8](unsafeUninitializedCapacity: wanted) { buffer, filled in
      filled = read(into: UnsafeMutableRawBufferPointer(buffer), at: offset)
    }
  }

  /// Fills `buffer` from `offset` on; returns how many bytes came, fewer only at the end of the file.
  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
    var filled = 0
    while filled < buffer.count {
      let got = pread(descriptor.rawValue, buffer.baseAddress! + filled, buffer.count - filled, off_t(offset + filled))
      if got < 0 && errno == EINTR { continue }
      guard got > 0 else { break }
      filled += got
    }
    return filled
  }
}
