import Glibc
import LinuxSystem
import SystemPackage

/// A whole regular file, mapped read-only for as long as the object lives.
///
/// Pages come from the page cache, shared with every other process that maps the file, and may be dropped under memory
/// pressure. A file that is cut short while it is mapped raises SIGBUS at the next access past its end: model files are
/// replaced by rename, never rewritten.
///
/// `@unchecked Sendable` because the memory is never written and the pointer never changes.
final class MappedFile: @unchecked Sendable {
  let path: FilePath
  let bytes: UnsafeRawBufferPointer

  init(path: FilePath) throws(LinuxError) {
    let opened = path.withPlatformString { open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
    guard opened >= 0 else { throw LinuxError(call: "open", subject: path.string) }
    let descriptor = OwnedDescriptor(opened)
    let attributes = try FileAttributes.of(descriptor: descriptor.rawValue)
    guard attributes.kind == .regular else {
      throw LinuxError(
        call: "mmap", subject: path.string, code: attributes.kind == .directory ? .isDirectory : .invalidArgument)
    }
    self.path = path
    let count = Int(attributes.size)
    guard count > 0 else {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    guard let memory = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor.rawValue, 0), memory != MAP_FAILED else {
      throw LinuxError(call: "mmap", subject: path.string)
    }
    // A file that was just written or read through lies in huge pages, each of which would count as resident as a whole as
    // soon as one number in it is read. A refusal, as of a kernel without huge pages, costs nothing.
    madvise(memory, count, MADV_NOHUGEPAGE)
    bytes = UnsafeRawBufferPointer(start: memory, count: count)
  }

  /// Drops whole pages between `start` and `start + count` from this process; the next access reads them again.
  func releasePages(from start: UnsafeRawPointer, count: Int) {
    let page = UInt(getpagesize())
    let first = (UInt(bitPattern: start) + page - 1) / page * page
    let end = (UInt(bitPattern: start) + UInt(count)) / page * page
    // A refusal costs memory only.
    if first < end { madvise(UnsafeMutableRawPointer(bitPattern: first), Int(end - first), MADV_DONTNEED) }
  }

  deinit {
    if let base = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: base), bytes.count) }
  }
}
