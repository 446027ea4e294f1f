import Glibc
import LinuxSystem
import SystemPackage

/// Small files that are replaced whole: a reader, or a start after a loss of power, finds the old bytes or the new ones.
enum KeptFile {
  /// Writes beside, syncs, renames over, syncs the directory. Does nothing where the file has these bytes already.
  static func write(_ bytes: [UInt8], to path: FilePath) throws(StoreError) {
    if try read(path) == bytes { return }
    let partial = FilePath(bytes: path.bytes + Array(".partial".utf8))
    try remove(partial)
    let opened = partial.withPlatformString { open($0, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600) }
    guard opened >= 0 else { throw failure("open", partial) }
    do {
      let descriptor = OwnedDescriptor(opened)
      var rest = bytes[...]
      while !rest.isEmpty {
        let written = rest.withUnsafeBytes { Glibc.write(descriptor.rawValue, $0.baseAddress, $0.count) }
        guard written > 0 else { throw failure("write", partial) }
        rest.removeFirst(written)
      }
    }
    try rename(partial, to: path)
  }

  /// All of the file; nil where there is none.
  static func read(_ path: FilePath) throws(StoreError) -> [UInt8]? {
    let opened = path.withPlatformString { open($0, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) }
    if opened < 0 {
      if Errno(rawValue: errno) == .noSuchFileOrDirectory { return nil }
      throw failure("open", path)
    }
    let descriptor = OwnedDescriptor(opened)
    var status = stat()
    guard fstat(descriptor.rawValue, &status) == 0 else { throw failure("fstat", path) }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    var filled = 0
    while filled < bytes.count {
      let count = bytes.withUnsafeMutableBytes {
        Glibc.read(descriptor.rawValue, $0.baseAddress! + filled, $0.count - filled)
      }
      guard count >= 0 else { throw failure("read", path) }
      if count == 0 { break }
      filled += count
    }
    bytes.removeLast(bytes.count - filled)
    return bytes
  }

  /// An empty file of ours alone, which must not exist.
  static func create(_ path: FilePath) throws(StoreError) {
    let opened = path.withPlatformString { open($0, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600) }
    guard opened >= 0 else { throw failure("open", path) }
    close(opened)
  }

  /// Puts the file in the place of `target`, on the disk.
  static func rename(_ path: FilePath, to target: FilePath) throws(StoreError) {
    try sync(path)
    let result = path.withPlatformString { from in target.withPlatformString { Glibc.rename(from, $0) } }
    guard result == 0 else { throw failure("rename", path) }
    try sync(target.removingLastComponent())
  }

  static func remove(_ path: FilePath) throws(StoreError) {
    guard path.withPlatformString({ unlink($0) }) != 0, Errno(rawValue: errno) != .noSuchFileOrDirectory else { return }
    throw failure("unlink", path)
  }

  /// The names in the directory, sorted; none where there is no directory.
  static func list(_ path: FilePath) throws(StoreError) -> [String] {
    guard let stream = path.withPlatformString({ opendir($0) }) else {
      if Errno(rawValue: errno) == .noSuchFileOrDirectory { return [] }
      throw failure("opendir", path)
    }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }

  private static func sync(_ path: FilePath) throws(StoreError) {
    let target: FilePath = path.isEmpty ? "." : path
    let opened = target.withPlatformString { open($0, O_RDONLY | O_CLOEXEC) }
    guard opened >= 0 else { throw failure("open", target) }
    let descriptor = OwnedDescriptor(opened)
    guard fsync(descriptor.rawValue) == 0 else { throw failure("fsync", target) }
  }

  private static func failure(_ call: String, _ path: FilePath) -> StoreError {
    let error = LinuxError(call: call, subject: path.string)
    return error.code == .noSpace ? .full(path: path) : .system(error)
  }
}
