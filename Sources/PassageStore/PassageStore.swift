import GRDB
import Synchronization
package import SystemPackage

/// The daemon's memory: shares, directories, files, passages with their texts, source vectors and codes, projectors,
/// the queue of what is to be looked at, and the journal, in one SQLite database (DESIGN §7).
///
/// All methods block, are safe from several threads, and see or leave whole transactions only. Bodies that are handed
/// in must not call the store, except where a method says that they may.
///
/// One connection writes, a few read, each from a snapshot (WAL). A transaction survives the end of the process as soon
/// as it is committed. It survives the loss of power from the next checkpoint on (`synchronous = NORMAL`): what is lost
/// is derived from files that the crawl at the next start looks at again, and a sync for each file would cost more than
/// its encoding. What cannot be derived again, projectors and settings, is written with a sync of its own, which
/// takes along all that was committed before.
///
/// Once SQLite has found a page damaged, nothing is written any more: every write throws `StoreError.corrupt`.
package final class PassageStore: Sendable {
  /// The database file.
  package let path: FilePath
  /// Where what cannot be made again is kept as files: `kept` beside the database.
  package let keptDirectory: FilePath
  private let lock: StoreLock
  private let pool: DatabasePool
  private let damage = Mutex<StoreError?>(nil)
  /// Whether `eraseDeletedWords` has begun and not come to its end.
  let isErasing = Mutex(false)

  /// Opens or creates the store. A database that is newer, damaged, in use or not ours is an error and is not written.
  ///
  /// - Parameter path: the database; its directory is made, or made ours alone (0700), as it holds everybody's text.
  package init(at path: FilePath) throws(StoreError) {
    self.path = path
    let directory = path.removingLastComponent()
    keptDirectory = directory.appending("kept")
    try StoreOpening.prepareDirectory(directory)
    lock = try StoreLock(directory.appending("fumikura.lock"), of: path)
    try StoreOpening.check(path)
    do {
      pool = try DatabasePool(path: path.string, configuration: StoreOpening.configuration())
      try Schema.migrator.migrate(pool)
    } catch {
      throw StoreError(error, path: path)
    }
  }

  deinit {
    // The lock goes last: until the connections are closed, the files are ours. A connection that does not close is
    // closed by the end of the process, and the log that it leaves is read at the next start.
    try? pool.close()
    withExtendedLifetime(lock) {}
  }

  /// Runs `body` on a snapshot.
  func read<Value>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
    do { return try pool.read(body) } catch { throw noted(error) }
  }

  /// Runs `body` on a snapshot; what it throws itself passes.
  func readThrough<Value>(_ body: (Database) throws -> Value) throws -> Value {
    do { return try pool.read(body) } catch let error as DatabaseError { throw noted(error) }
  }

  /// Lets `count` connections read one and the same state, whatever is committed meanwhile: `body` is called for each, on
  /// threads of their own. Returns when all see that state.
  func readTogether(_ count: Int, _ body: @escaping @Sendable (Result<Database, any Error>) -> Void) {
    // Nothing is committed while the writer is ours.
    pool.writeWithoutTransaction { _ in for _ in 0..<count { pool.asyncConcurrentRead(body) } }
  }

  /// What SQLite said, in our words; other errors as they are.
  func translated(_ error: any Error) -> any Error { error is DatabaseError ? noted(error) : error }

  /// Runs `body` in a transaction, which is kept whole or not at all.
  func write<Value>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
    if let damage = damage.withLock({ $0 }) { throw damage }
    do { return try pool.write(body) } catch { throw noted(error) }
  }

  /// As `write`, and on the disk when it returns.
  func writeDurably<Value>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
    if let damage = damage.withLock({ $0 }) { throw damage }
    do {
      return try pool.writeWithoutTransaction { db in
        try db.execute(sql: "PRAGMA synchronous = FULL")
        var value: Value?
        let result = Result {
          try db.inTransaction {
            value = try body(db)
            return .commit
          }
        }
        try db.execute(sql: "PRAGMA synchronous = NORMAL")
        try result.get()
        return value!
      }
    } catch {
      throw noted(error)
    }
  }

  /// Copies all pages as they are at one instant into `target`, which must not exist.
  func copyPages(to target: FilePath) throws(StoreError) {
    do { try pool.backup(to: DatabaseQueue(path: target.string)) } catch { throw StoreError(error, path: target) }
  }

  /// Lets go of cached pages and of connections that nobody reads by; they come again as they are needed.
  package func releaseMemory() { pool.releaseMemoryEventually() }

  /// Writes the log into the database and empties it, as far as readers let it.
  package func emptyLog() throws(StoreError) {
    do {
      _ = try pool.writeWithoutTransaction { try $0.checkpoint(.truncate) }
    } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
      // A reader still needs the log: a later checkpoint empties it.
    } catch {
      throw noted(error)
    }
  }

  private func noted(_ error: any Error) -> StoreError {
    let translated = StoreError(error, path: path)
    // A keyword index that contradicts itself is rebuilt from the texts; it says nothing of the database's pages.
    let keywordsOnly = (error as? DatabaseError)?.extendedResultCode == .SQLITE_CORRUPT_VTAB
    if case .corrupt = translated, !keywordsOnly { damage.withLock { $0 = $0 ?? translated } }
    return translated
  }
}
