import Glibc
import LinuxSystem
import SystemPackage

/// The names in a directory, from a descriptor of it: one pass of readdir(3), without `.` and `..`.
struct DirectoryListing {
  /// What the directory itself says of an entry; many file systems say nothing, and then it must be asked of the entry.
  enum Kind { case directory, other, unknown }

  /// Calls `visit` with each name, in the order of the file system. The descriptor must be open for reading; its
  /// position is moved, and it stays open.
  static func read(
    _ directory: borrowing OwnedDescriptor, of path: FilePath, visit: ([UInt8], Kind) -> Void
  ) throws(LinuxError) {
    // closedir closes what it was given. The copy shares the position, hence the rewind.
    let copy = fcntl(directory.rawValue, F_DUPFD_CLOEXEC, 0)
    guard copy >= 0 else { throw LinuxError(call: "dup", subject: path.string) }
    guard let stream = fdopendir(copy) else {
      let error = LinuxError(call: "fdopendir", subject: path.string)
      close(copy)
      throw error
    }
    defer { closedir(stream) }
    rewinddir(stream)
    while true {
      errno = 0
      guard let entry = readdir(stream) else {
        guard errno == 0 else { throw LinuxError(call: "readdir", subject: path.string) }
        return
      }
      let kind: Kind =
        switch Int(entry.pointee.d_type) {
        case DT_DIR: .directory
        case DT_UNKNOWN: .unknown
        default: .other
        }
      // The record is shorter than `dirent`, whose name field has the longest length: read up to the NUL only.
      let start = UnsafeRawPointer(entry) + MemoryLayout<dirent>.offset(of: \.d_name)!
      let bytes = UnsafeRawBufferPointer(start: start, count: strlen(start.assumingMemoryBound(to: CChar.self)))
      let name = Array(bytes)
      if name != [UInt8(ascii: ".")] && name != [UInt8(ascii: "."), UInt8(ascii: ".")] { visit(name, kind) }
    }
  }

  /// Whether an entry is a directory itself, not a link to one.
  static func isDirectory(_ name: [UInt8], in directory: borrowing OwnedDescriptor) -> Bool {
    var status = stat()
    let result = FilePath(bytes: name).withPlatformString {
      fstatat(directory.rawValue, $0, &status, AT_SYMLINK_NOFOLLOW)
    }
    return result == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}
