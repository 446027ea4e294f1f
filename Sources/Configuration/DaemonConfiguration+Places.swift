import Glibc
package import SystemPackage

extension DaemonConfiguration {
  /// Notes names and paths that cannot stand beside each other. By the paths as written; `validatePlaces` asks the
  /// file system as well.
  func refuseConflicts(daemon daemonTable: TableReader, shares tables: [TableReader]) {
    for (index, share) in shares.enumerated() {
      for earlier in shares[..<index] {
        if earlier.name == share.name {
          tables[index].refuse("name", "is \"\(share.name)\", as another share's")
        }
        if let words = Self.nesting(of: share.path, and: earlier.path) {
          tables[index].refuse("path", "is \(share.path), \(words) the share \"\(earlier.name)\" (\(earlier.path))")
        }
      }
      if share.path.starts(with: daemon.stateDirectory) {
        tables[index].refuse(
          "path", "is \(share.path), inside daemon.state_directory (\(daemon.stateDirectory)), which holds the index")
      } else if daemon.stateDirectory.starts(with: share.path) {
        let place = "inside the share \"\(share.name)\" (\(share.path)): it holds everybody's text"
        daemonTable.refuse("state_directory", "is \(daemon.stateDirectory), \(place)")
      }
    }
  }

  private static func nesting(of path: FilePath, and other: FilePath) -> String? {
    if path == other { return "the same folder as" }
    if path.starts(with: other) { return "inside" }
    if other.starts(with: path) { return "around" }
    return nil
  }

  /// Looks for the state directory and the shares inside one another on the file system, where symbolic links and bind
  /// mounts may hide what the paths do not show: compares device and inode of every directory above each of them.
  /// What does not exist (yet) is not compared. `file` is what problems name.
  package func validatePlaces(file: FilePath) throws(ConfigurationError) {
    let state = Self.ancestry(of: daemon.stateDirectory)
    let roots = shares.map { (share: $0, ancestry: Self.ancestry(of: $0.path)) }
    var reasons: [(key: String, reason: String)] = []
    for (index, root) in roots.enumerated() {
      guard let identity = root.ancestry.own else { continue }
      let name = "share[\(index + 1)].path"
      if state.all.contains(identity) {
        let place = "the same place as, or inside, the share \"\(root.share.name)\" (\(root.share.path))"
        reasons.append(("daemon.state_directory", "is \(daemon.stateDirectory), \(place)"))
      } else if let own = state.own, root.ancestry.all.contains(own) {
        reasons.append((name, "is \(root.share.path), inside daemon.state_directory (\(daemon.stateDirectory))"))
      }
      for (otherIndex, other) in roots.enumerated() where otherIndex != index {
        guard let otherIdentity = other.ancestry.own, root.ancestry.all.contains(otherIdentity) else { continue }
        if otherIdentity == identity && otherIndex > index { continue }
        let place = "the same place as, or inside, the share \"\(other.share.name)\" (\(other.share.path))"
        reasons.append((name, "is \(root.share.path), \(place)"))
      }
    }
    guard reasons.isEmpty else {
      throw ConfigurationError(
        problems: reasons.map {
          ConfigurationProblem(file: file, line: nil, key: $0.key, kind: .conflict(reason: $0.reason))
        })
    }
  }

  private struct Identity: Hashable {
    let device: UInt64
    let inode: UInt64
  }

  /// What a path itself is, where it exists, and every directory from there (or from its nearest existing parent) up.
  private static func ancestry(of path: FilePath) -> (own: Identity?, all: Set<Identity>) {
    let own = identity(of: path)
    var existing = path
    while identity(of: existing) == nil, existing.removeLastComponent() {}
    guard
      var next = existing.withPlatformString({ realpath($0, nil) }).map({ pointer in
        defer { free(pointer) }
        return FilePath(platformString: pointer)
      })
    else { return (own, []) }
    var all: Set<Identity> = []
    repeat {
      if let found = identity(of: next) { all.insert(found) }
    } while next.removeLastComponent()
    return (own, all)
  }

  private static func identity(of path: FilePath) -> Identity? {
    var status = stat()
    guard path.withPlatformString({ stat($0, &status) }) == 0 else { return nil }
    return Identity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
  }
}
