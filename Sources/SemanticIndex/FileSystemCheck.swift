import FileWatching
import Glibc
package import LinuxSystem
package import SystemPackage

/// Asks the file system, now, whether a caller may read a file: the last check before a hit is sent.
///
/// One check serves one request: directories are asked once each. The daemon cannot take on the caller's identity (it
/// has no CAP_SETUID), so it reads the owner, mode and ACL of the file and of every directory above, and evaluates them
/// as the kernel would.
package struct FileSystemCheck {
  private let caller: Caller
  private var passable: [FilePath: Bool] = [:]

  /// For whom to ask.
  package enum Caller: Sendable, Hashable {
    case administrator
    case user(Credentials)
  }

  package init(for caller: Caller) { self.caller = caller }

  /// Whether nothing is denied to the caller.
  package var seesEverything: Bool { caller.seesEverything }

  package enum Answer: Equatable, Sendable {
    /// The caller may read it; its attributes now.
    case readable(FileAttributes)
    /// It is there, but not for this caller.
    case denied
    /// It is no longer there, or no longer a regular file.
    case gone
    /// It cannot be known now: an I/O error, or the share is not mounted.
    case unknown(LinuxError)
  }

  /// The answer for one path (relative to the root).
  package mutating func ask(_ root: ShareRoot, _ path: FilePath) -> Answer {
    let attributes: FileAttributes
    switch Finding.at(path, in: root) {
    case .found(let found): attributes = found
    case .gone: return .gone
    case .unreadable(let error): return .unknown(error)
    }
    guard attributes.kind == .regular else { return .gone }
    guard !seesEverything, case .user(let credentials) = caller else { return .readable(attributes) }
    guard AccessRule(attributes).allows(.read, to: credentials) else { return .denied }
    return canPass(root, path.removingLastComponent(), credentials) ? .readable(attributes) : .denied
  }

  private mutating func canPass(_ root: ShareRoot, _ directory: FilePath, _ credentials: Credentials) -> Bool {
    let absolute = root.absolute(directory)
    if let known = passable[absolute] { return known }
    var answer = false
    if let attributes = try? root.attributes(of: directory) {  // what cannot be asked is closed
      answer = AccessRule(attributes).allows(.search, to: credentials)
      if answer {
        answer =
          directory.isEmpty
          ? canPassAbove(root.path, credentials) : canPass(root, directory.removingLastComponent(), credentials)
      }
    }
    passable[absolute] = answer
    return answer
  }

  private mutating func canPassAbove(_ root: FilePath, _ credentials: Credentials) -> Bool {
    for directory in Self.ancestors(of: root) {
      if passable[directory] == nil {
        let attributes = try? ShareRoot(path: directory).attributes  // what cannot be asked is closed
        passable[directory] = attributes.map { AccessRule($0).allows(.search, to: credentials) } ?? false
      }
      if passable[directory] == false { return false }
    }
    return true
  }

  /// The directories above a share's root, up to `/`, by its real path: a link in the configured path is resolved as it
  /// stands now.
  package static func ancestors(of root: FilePath) -> [FilePath] {
    guard let resolved = root.withPlatformString({ realpath($0, nil) }) else { return [root] }
    defer { free(resolved) }
    var path = FilePath(platformString: resolved)
    var result: [FilePath] = []
    while path.removeLastComponent() { result.append(path) }
    return result
  }
}
