import FileWatching
import LinuxSystem
import PassageStore
import Synchronization
import SystemPackage

/// The shares that are being served, each with its root held open.
final class ShareTable: Sendable {
  struct Share: Sendable {
    let row: ShareRow
    /// Nil while the folder is not there: the share is offline.
    let root: ShareRoot?
    let ignore: IgnoreRules
    /// Why it is offline.
    let problem: LinuxError?

    var id: Int64 { row.id }
  }

  private let shares = Mutex<[Int64: Share]>([:])

  subscript(id: Int64) -> Share? { shares.withLock { $0[id] } }

  /// All of them, by name.
  var all: [Share] { shares.withLock { $0.values.sorted { $0.row.name < $1.row.name } } }

  func named(_ name: String) -> Share? { all.first { $0.row.name == name } }

  func replace(with new: [Share]) {
    shares.withLock { $0 = Dictionary(uniqueKeysWithValues: new.map { ($0.id, $0) }) }
  }

  /// The share's row as it stands after a change of epoch.
  func update(_ row: ShareRow) {
    shares.withLock { shares in
      guard let old = shares[row.id] else { return }
      shares[row.id] = Share(row: row, root: old.root, ignore: old.ignore, problem: old.problem)
    }
  }

  /// Puts a share in place of the one with its id.
  func update(_ share: Share) { shares.withLock { $0[share.id] = share } }

  /// The share that an absolute path lies in, and the path within it.
  func locate(_ absolute: FilePath) -> (share: Share, path: FilePath)? {
    for share in all {
      var path = absolute
      if path.removePrefix(share.row.root) { return (share, path) }
    }
    return nil
  }
}
