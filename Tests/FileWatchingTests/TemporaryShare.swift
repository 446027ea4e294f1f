import Foundation
import LinuxSystem
import SystemPackage

/// A folder that is removed with everything in it, and what the tests do in it. Paths are relative.
final class TemporaryShare: Sendable {
  let path: FilePath

  init() throws {
    let name = "fumikura-watching-\(UUID().uuidString)"
    path = FilePath(FileManager.default.temporaryDirectory.path).appending(name)
    try check(mkdir(path.string, 0o755), "mkdir")
  }

  deinit {
    // Bytes that are not UTF-8 are beyond FileManager.
    let pid = try? Process.run(URL(filePath: "/bin/rm"), arguments: ["-rf", "--", path.string])
    pid?.waitUntilExit()
  }

  func open() throws -> ShareRoot { try ShareRoot(path: path) }

  private func absolute(_ relative: FilePath) -> FilePath { relative.isEmpty ? path : path.pushing(relative) }

  func write(_ relative: FilePath, _ text: String, flags: CInt = O_TRUNC) throws {
    let descriptor = absolute(relative).withPlatformString {
      Glibc.open($0, O_WRONLY | O_CREAT | flags | O_CLOEXEC, 0o644)
    }
    try check(descriptor, "open \(relative)")
    defer { close(descriptor) }
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let written = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      try check(CInt(clamping: written), "write \(relative)")
      bytes.removeFirst(written)
    }
  }

  /// Makes a directory and those above it.
  func makeDirectory(_ relative: FilePath) throws {
    var made = path
    for component in relative.components {
      made.append(component)
      if made.withPlatformString({ mkdir($0, 0o755) }) != 0 && errno != EEXIST { try check(-1, "mkdir \(relative)") }
    }
  }

  func rename(_ from: FilePath, _ to: FilePath) throws {
    try check(
      absolute(from).withPlatformString { from in absolute(to).withPlatformString { Glibc.rename(from, $0) } },
      "rename \(from) to \(to)")
  }

  func remove(_ relative: FilePath) throws {
    try check(absolute(relative).withPlatformString { Glibc.remove($0) }, "remove \(relative)")
  }

  func removeTree(_ relative: FilePath) throws {
    let process = try Process.run(URL(filePath: "/bin/rm"), arguments: ["-rf", "--", absolute(relative).string])
    process.waitUntilExit()
  }

  func link(_ relative: FilePath, to target: String) throws {
    try check(absolute(relative).withPlatformString { symlink(target, $0) }, "symlink \(relative)")
  }

  func makeFIFO(_ relative: FilePath) throws {
    try check(absolute(relative).withPlatformString { mkfifo($0, 0o644) }, "mkfifo \(relative)")
  }

  func changeMode(_ relative: FilePath, _ mode: mode_t) throws {
    try check(absolute(relative).withPlatformString { chmod($0, mode) }, "chmod \(relative)")
  }

  private func check(_ result: CInt, _ call: String) throws {
    if result < 0 { throw LinuxError(call: call, subject: path.string) }
  }
}
