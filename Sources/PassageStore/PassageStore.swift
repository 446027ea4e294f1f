import GRDB
package import SystemPackage

/// The daemon's memory: shares, directories, files, passages with their texts, source vectors and codes, projectors,
/// the queue of what is to be looked at, and the journal, in one SQLite database (DESIGN §7).
///
/// All methods block, are safe from several threads, and see or leave whole transactions only.
package final class PassageStore: Sendable {
  /// The database file.
  package let path: FilePath

  /// Opens or creates the store. A database that is newer, damaged, in use or not ours is an error and is not written.
  package init(at path: FilePath) throws(StoreError) {
    fatalError("in the next commit")
  }
}
