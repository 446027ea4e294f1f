import GRDB
import GRDBSQLite
package import LinuxSystem
import SystemPackage

extension PassageStore {
  /// Every passage that has a code of the projector (nil: every passage, with its source vector; of `model` alone where
  /// one is named), by ascending id, from one snapshot.
  package func loadPassages(
    projector: Int64?, model: SHA256Digest? = nil, _ body: (LoadedPassage) throws -> Void
  ) throws {
    try loadBatches(projector: projector, model: model) { batch in
      try batch.bytes.withUnsafeBytes { bytes in
        var start = 0
        for row in batch.passageIDs.indices {
          let own = UnsafeRawBufferPointer(rebasing: bytes[start..<batch.ends[row]])
          start = batch.ends[row]
          try body(
            LoadedPassage(
              passageID: batch.passageIDs[row], fileID: batch.fileIDs[row], vectorID: batch.vectorIDs[row], bytes: own,
              scale: batch.scales.isEmpty ? 1 : batch.scales[row]))
        }
      }
    }
  }

  /// The same by batches, which several connections read side by side, all of one snapshot: two take half the time of
  /// one. Batches come in the order of their ids, on the calling thread.
  ///
  /// - Parameters:
  ///   - readers: how many connections at most, of which this store has four.
  ///   - length: where it is given, rows with so many bytes alone, and of each the first `kept`.
  ///   - batch: ids of passages from the first of a batch to the first of the next one.
  package func loadBatches(
    projector: Int64?, model: SHA256Digest? = nil, length: (whole: Int, kept: Int)? = nil, readers: Int = 2,
    batch: Int64 = 16_384, _ body: (PassageBatch) throws -> Void
  ) throws {
    let starts = try read { db in try Self.batchStarts(of: batch, db) }
    guard !starts.isEmpty else { return }
    let request = PassageBatch.Request(projector: projector, model: model, length: length)
    let count = starts.count
    // What is committed after the look at the ids is above them: the last batch takes it along.
    let ranges = starts.indices.map { $0 == count - 1 ? starts[$0]...Int64.max : starts[$0]...starts[$0 + 1] - 1 }
    guard count > 1 else { return try body(readThrough { try PassageBatch(ranges[0], request, $0) }) }
    let line = OrderedLine<PassageBatch>(count: count, ahead: 2 * readers)
    defer { line.close() }
    readTogether(min(readers, count)) { database in
      line.work { number in try PassageBatch(ranges[number], request, database.get()) }
    }
    do {
      while let next = try line.next() { try body(next) }
    } catch {
      throw translated(error)
    }
  }

  /// Ids at which batches of about so many passages begin; none where there is no passage.
  private static func batchStarts(of size: Int64, _ db: Database) throws -> [Int64] {
    // Each by itself: asked for together, SQLite looks at all ids.
    let bounds = try db.row(boundsStatement, []) {
      (first: $0[0] as Int64?, last: $0[1] as Int64?, passages: $0[2] as Int64? ?? 0)
    }
    guard let bounds, let first = bounds.first, let last = bounds.last else { return [] }
    if (last - first) / 4 <= bounds.passages + size { return Array(stride(from: first, through: last, by: Int(size))) }
    // Most ids are of passages that are gone.
    var starts = [first]
    while let next = try db.row(startStatement, [starts.last!, size], { $0[0] as Int64 }) { starts.append(next) }
    return starts
  }

  /// The codes of some vectors by a projector, each handed to `body` with its vector's place among `vectorIDs`, in no
  /// order of theirs; vectors that it made none of are left out.
  package func forEachCode(
    of vectorIDs: [Int64], projector: Int64, _ body: (_ place: Int, _ code: UnsafeRawBufferPointer) throws -> Void
  ) throws {
    try readThrough { db in
      let statement = try db.cachedStatement(sql: Self.codeStatement)
      let handle = statement.sqliteStatement
      defer { sqlite3_reset(handle) }
      // By ascending key: neighbours share pages.
      for place in vectorIDs.indices.sorted(by: { vectorIDs[$0] < vectorIDs[$1] }) {
        sqlite3_reset(handle)
        sqlite3_bind_int64(handle, 1, vectorIDs[place])
        sqlite3_bind_int64(handle, 2, projector)
        if try Self.step(statement, db) { try body(place, Self.bytes(handle, 0)) }
      }
    }
  }

  static let boundsStatement = """
    SELECT (SELECT min(id) FROM passage), (SELECT max(id) FROM passage), (SELECT sum(passages) FROM tally)
    """
  static let startStatement = "SELECT id FROM passage WHERE id >= ? ORDER BY id LIMIT 1 OFFSET ?"
  static let passagesStatement = "SELECT id, file, vector FROM passage WHERE id BETWEEN ? AND ? ORDER BY id"
  static let codesStatement = "SELECT vector, bytes FROM code WHERE vector >= ? AND projector = ? ORDER BY vector"
  static let codeStatement = "SELECT bytes FROM code WHERE vector = ? AND projector = ?"
  static let vectorsStatement = """
    SELECT passage.id, passage.file, passage.vector, vector.components, vector.scale
    FROM passage CROSS JOIN vector ON vector.id = passage.vector
      AND (?3 IS NULL OR vector.model = (SELECT id FROM model WHERE hash = ?3))
    WHERE passage.id BETWEEN ?1 AND ?2 ORDER BY passage.id
    """

  /// Every file, by ascending id, from one snapshot.
  package func loadFiles(_ body: (LoadedFile) throws -> Void) throws {
    try readThrough { db in
      let statement = try db.cachedStatement(
        sql: "SELECT id, share, path, \(StoredColumns.attributes), state FROM file ORDER BY id")
      let handle = statement.sqliteStatement
      try Self.forEachRow(of: statement, db) {
        let bytes = { (column: CInt) in
          UnsafeRawBufferPointer(
            start: sqlite3_column_blob(handle, column), count: Int(sqlite3_column_bytes(handle, column)))
        }
        let word = { (column: CInt) in String(decoding: bytes(column), as: UTF8.self) }
        let state = word(13)
        guard let state = FileState(rawValue: state) else {
          throw StoreError.invalid(what: "file.state", got: state, expected: "one of \(FileState.allCases)")
        }
        let attributes = FileAttributes(
          kind: FileKind(rawValue: word(3)) ?? .unknown, size: sqlite3_column_int64(handle, 4),
          modified: sqlite3_column_int64(handle, 5), changed: sqlite3_column_int64(handle, 6),
          inode: UInt64(bitPattern: sqlite3_column_int64(handle, 7)),
          device: UInt64(bitPattern: sqlite3_column_int64(handle, 8)),
          mode: UInt32(truncatingIfNeeded: sqlite3_column_int64(handle, 9)),
          userID: UInt32(truncatingIfNeeded: sqlite3_column_int64(handle, 10)),
          groupID: UInt32(truncatingIfNeeded: sqlite3_column_int64(handle, 11)),
          acl: sqlite3_column_type(handle, 12) == SQLITE_NULL ? nil : Array(bytes(12)))
        try body(
          LoadedFile(
            id: sqlite3_column_int64(handle, 0), share: sqlite3_column_int64(handle, 1),
            path: FilePath(bytes: bytes(2)), attributes: attributes, state: state))
      }
    }
  }

  static func forEachRow(of statement: Statement, _ db: Database, _ body: () throws -> Void) throws {
    let handle = statement.sqliteStatement
    sqlite3_reset(handle)
    defer { sqlite3_reset(handle) }
    while try step(statement, db) { try body() }
  }

  /// Whether there is a row more.
  static func step(_ statement: Statement, _ db: Database) throws -> Bool {
    switch sqlite3_step(statement.sqliteStatement) {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    case let code:
      throw DatabaseError(
        resultCode: ResultCode(rawValue: code), message: String(cString: sqlite3_errmsg(db.sqliteConnection)),
        sql: statement.sql)
    }
  }

  static func bytes(_ handle: SQLiteStatement, _ column: CInt) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(
      start: sqlite3_column_blob(handle, column), count: Int(sqlite3_column_bytes(handle, column)))
  }
}
