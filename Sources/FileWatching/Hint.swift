package import SystemPackage

/// Something to look at, in one share. A hint is never a fact: by the time it is delivered, anything may have happened.
package enum Hint: Sendable, Hashable {
  /// Look at this path: a file, something else, or gone. Where it is no directory now, all that is stored beneath it is
  /// gone. A file with several names (hard links) is told by the one through which it was written: where a read finds
  /// other content, whatever else is stored with that device and inode is to be looked at too.
  /// `contentEvent`: its content may have changed, so that it must be hashed whatever its attributes say.
  case look(share: Int64, path: FilePath, contentEvent: Bool)
  /// A file or directory was renamed within its share, replacing what was at `to`: what is stored under `from` belongs
  /// under `to`. It saves work and proves nothing: a `look` (file) or a `rescan` (directory) of `to` always follows.
  case moved(share: Int64, from: FilePath, to: FilePath, directory: Bool)
  /// Compare everything under this directory (empty: the whole share) with the store. Where it is gone or no longer a
  /// directory, treat it as a `look`.
  case rescan(share: Int64, under: FilePath, reason: RescanReason)
  /// A directory's own mode, owner or ACL may have changed.
  case attributes(share: Int64, directory: FilePath)

  package var share: Int64 {
    switch self {
    case .look(let share, _, _), .moved(let share, _, _, _), .rescan(let share, _, _), .attributes(let share, _): share
    }
  }
}
