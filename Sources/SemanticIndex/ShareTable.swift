import FileWatching
import LinuxSystem
import PassageStore
import Synchronization
import SystemPackage

/// The shares that are being served, each with its root held open.
final class ShareTable: Sendable {
  struct Share: Sendable {
    var row: ShareRow
    /// Nil while the folder is not there: the share is offline.
    var root: ShareRoot?
    let ignore: IgnoreRules
    /// Why it is offline.
    var problem: LinuxError?
    /// The model that its passages are to be encoded with; nil where its file cannot be used. `row.model` is the one that
    /// they are encoded with: another while the share changes over.
    var target: OpenModel?
    /// Why it cannot be used.
    var modelProblem: String?

    var id: Int64 { row.id }

    /// Whether passages are to be encoded anew.
    var isChangingOver: Bool { target.map { $0.hash != row.model } ?? false }

    /// The model that new passages are encoded with: the one in force, until the share has changed over; the new one where
    /// the one in force is gone. Nil: none can be used, and nothing is indexed.
    func encodingModel(_ models: ModelShelf) -> OpenModel? { row.model.flatMap { models[$0] } ?? target }
  }

  private let shares = Mutex<[Int64: Share]>([:])

  subscript(id: Int64) -> Share? { shares.withLock { $0[id] } }

  /// All of them, by name.
  var all: [Share] { shares.withLock { $0.values.sorted { $0.row.name < $1.row.name } } }

  func named(_ name: String) -> Share? { all.first { $0.row.name == name } }

  func replace(with new: [Share]) {
    shares.withLock { $0 = Dictionary(uniqueKeysWithValues: new.map { ($0.id, $0) }) }
  }

  /// The share's row as it stands after a change of epoch or model.
  func update(_ row: ShareRow) {
    shares.withLock { shares in
      shares[row.id]?.row = row
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
