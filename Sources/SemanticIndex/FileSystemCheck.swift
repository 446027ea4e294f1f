import FileWatching
package import LinuxSystem
package import SystemPackage

/// Asks the file system, now, whether a caller may read a file: the last check before a hit is sent.
///
/// One check serves one request. The daemon cannot take on the caller's identity (it has no CAP_SETUID), so it reads the
/// owner, mode and ACL of the file and of every directory above, and evaluates them as the kernel would. It goes down
/// directory by directory, each opened in the one before, so that what was asked is what the file lies in: nobody can
/// swap a directory between the look at it and the look at the file.
package struct FileSystemCheck {
  let caller: Caller
  /// Whether the caller can come to a share's root, by the root's path.
  private var reachable: [FilePath: Bool] = [:]
  /// Directories asked last, by absolute path.
  private var folders: [FilePath: Folder] = [:]

  /// Directories held open at once.
  private static let heldFolders = 32

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

  private enum Folder {
    case open(ShareRoot)
    case closed
    case gone
    case unknown(LinuxError)
  }

  /// The answer for one path (relative to the root).
  package mutating func ask(_ root: ShareRoot, _ path: FilePath) -> Answer {
    guard case .user(let credentials) = caller, !seesEverything else { return Self.look(path, in: root) }
    guard let name = path.lastComponent else { return .gone }
    switch folder(root, path.removingLastComponent(), credentials) {
    case .open(let folder):
      let answer = Self.look(FilePath(root: nil, [name]), in: folder)
      guard case .readable(let attributes) = answer else { return answer }
      return AccessRule(attributes).allows(.read, to: credentials) ? answer : .denied
    case .closed: return .denied
    case .gone: return .gone
    case .unknown(let error): return .unknown(error)
    }
  }

  /// Whether the caller can pass into a share's root directory: who cannot is told nothing of the share.
  package mutating func canEnter(_ root: ShareRoot) -> Bool {
    guard case .user(let credentials) = caller, !seesEverything else { return true }
    if case .open = folder(root, "", credentials) { return true }
    return false
  }

  /// Whether the caller may read a file that has these attributes, wherever it lies.
  package func allowsReading(_ attributes: FileAttributes) -> Bool {
    guard case .user(let credentials) = caller, !seesEverything else { return true }
    return AccessRule(attributes).allows(.read, to: credentials)
  }

  private static func look(_ path: FilePath, in root: ShareRoot) -> Answer {
    switch Finding.at(path, in: root) {
    case .found(let attributes): attributes.kind == .regular ? .readable(attributes) : .gone
    case .gone: .gone
    case .unreadable(let error): .unknown(error)
    }
  }

  private mutating func folder(_ root: ShareRoot, _ path: FilePath, _ credentials: Credentials) -> Folder {
    let absolute = root.absolute(path)
    if let known = folders[absolute] { return known }
    let found = canReach(root, credentials) ? Self.descend(root, path, credentials) : .closed
    if folders.count >= Self.heldFolders { folders.removeAll() }
    folders[absolute] = found
    return found
  }

  private static func descend(_ root: ShareRoot, _ path: FilePath, _ credentials: Credentials) -> Folder {
    do throws(LinuxError) {
      let folder = try root.descend(to: path) { AccessRule($1).allows(.search, to: credentials) }
      return folder.map(Folder.open) ?? .closed
    } catch {
      return Finding.isAbsence(error) ? .gone : .unknown(error)
    }
  }

  private mutating func canReach(_ root: ShareRoot, _ credentials: Credentials) -> Bool {
    if let known = reachable[root.path] { return known }
    let answer = ShareAncestors.rules(above: root)?.allSatisfy { $0.allows(.search, to: credentials) } ?? false
    reachable[root.path] = answer
    return answer
  }
}

extension FileSystemCheck.Caller {
  /// Whether no permission is asked of them: administrators, and root.
  package var seesEverything: Bool {
    switch self {
    case .administrator: true
    case .user(let credentials): credentials.userID == 0
    }
  }
}
