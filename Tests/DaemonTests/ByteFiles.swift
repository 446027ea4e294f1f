import Glibc

/// Files by the bytes of their paths: Foundation's paths are text, and names need not be.
///
/// What cannot be done is not done: random operations meet names that do not fit together.
enum ByteFiles {
  enum Kind { case regular, directory, other }

  static func kind(_ path: [UInt8]) -> (kind: Kind, size: Int)? {
    var status = stat()
    guard withName(path, { lstat($0, &status) }) == 0 else { return nil }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return (.regular, Int(status.st_size))
    case S_IFDIR: return (.directory, 0)
    default: return (.other, 0)
    }
  }

  static func read(_ path: [UInt8]) -> [UInt8]? {
    let file = withName(path) { open($0, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) }
    guard file >= 0 else { return nil }
    defer { close(file) }
    var content = [UInt8](repeating: 0, count: 1 << 20)
    let count = Glibc.read(file, &content, content.count)
    return count < 0 ? nil : Array(content.prefix(count))
  }

  @discardableResult
  static func write(_ path: [UInt8], _ content: [UInt8], flags: CInt = O_TRUNC) -> Bool {
    let file = withName(path) { open($0, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | flags, 0o644) }
    guard file >= 0 else { return false }
    defer { close(file) }
    return Glibc.write(file, content, content.count) == content.count
  }

  static func rename(_ from: [UInt8], _ to: [UInt8]) {
    _ = withName(from) { from in withName(to) { Glibc.rename(from, $0) } }
  }

  static func makeDirectory(_ path: [UInt8]) { _ = withName(path) { mkdir($0, 0o755) } }

  static func link(_ path: [UInt8], to target: [UInt8]) {
    _ = withName(target) { target in withName(path) { symlink(target, $0) } }
  }

  static func hardLink(_ path: [UInt8], to file: [UInt8]) {
    _ = withName(file) { file in withName(path) { Glibc.link(file, $0) } }
  }

  static func setTimes(_ path: [UInt8], modified: timespec) {
    let times = [modified, modified]
    _ = withName(path) { utimensat(AT_FDCWD, $0, times, AT_SYMLINK_NOFOLLOW) }
  }

  static func modified(_ path: [UInt8]) -> timespec? {
    var status = stat()
    return withName(path) { lstat($0, &status) } == 0 ? status.st_mtim : nil
  }

  /// Removes it with all beneath it.
  static func remove(_ path: [UInt8]) {
    if kind(path)?.kind == .directory {
      for name in names(in: path) { remove(path + [UInt8(ascii: "/")] + name) }
      _ = withName(path) { rmdir($0) }
    } else {
      _ = withName(path) { unlink($0) }
    }
  }

  /// Sorted.
  static func names(in directory: [UInt8]) -> [[UInt8]] {
    guard let stream = withName(directory, { opendir($0) }) else { return [] }
    defer { closedir(stream) }
    var names: [[UInt8]] = []
    while let entry = readdir(stream) {
      let start = UnsafeRawPointer(entry) + MemoryLayout<dirent>.offset(of: \.d_name)!
      names.append(
        Array(UnsafeRawBufferPointer(start: start, count: strlen(start.assumingMemoryBound(to: CChar.self)))))
    }
    return names.filter { $0 != Array(".".utf8) && $0 != Array("..".utf8) }.sorted { $0.lexicographicallyPrecedes($1) }
  }

  private static func withName<Value>(_ path: [UInt8], _ body: (UnsafePointer<CChar>) -> Value) -> Value {
    (path + [0]).withUnsafeBytes { body($0.baseAddress!.assumingMemoryBound(to: CChar.self)) }
  }
}
