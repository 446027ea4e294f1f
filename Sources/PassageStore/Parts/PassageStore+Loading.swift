import GRDB
import GRDBSQLite
package import LinuxSystem
import SystemPackage

extension PassageStore {
  /// Every passage that has a code of the projector (nil: every passage, with its source vector; of `model` alone where
  /// one is named), by ascending id, from one snapshot. Statements are stepped by hand and their bytes are lent, not
  /// copied: nothing is allocated a row.
  package func loadPassages(
    projector: Int64?, model: SHA256Digest? = nil, _ body: (LoadedPassage) throws -> Void
  ) throws {
    try readThrough { db in
      if let projector { return try Self.loadCodes(of: projector, db, body) }
      let statement: Statement
      if let model {
        statement = try db.cachedStatement(sql: Self.vectorsOfModelStatement)
        try statement.setArguments([model.blob])
      } else {
        statement = try db.cachedStatement(sql: Self.vectorsStatement)
        try statement.setArguments([])
      }
      let handle = statement.sqliteStatement
      try Self.forEachRow(of: statement, db) {
        try body(
          LoadedPassage(
            passageID: sqlite3_column_int64(handle, 0), fileID: sqlite3_column_int64(handle, 1),
            vectorID: sqlite3_column_int64(handle, 2), bytes: Self.bytes(handle, 3),
            scale: Float(sqlite3_column_double(handle, 4))))
      }
    }
  }

  /// Vectors were made in the order of the passages, but for those of texts that were known: so passages and codes are
  /// read side by side, each in its order, and only where the two part is a code looked up. Half the time of a join.
  private static func loadCodes(of projector: Int64, _ db: Database, _ body: (LoadedPassage) throws -> Void) throws {
    let passages = try db.cachedStatement(sql: passagesStatement)
    let inOrder = try db.cachedStatement(sql: codesStatement)
    try inOrder.setArguments([projector])
    let lookup = try db.cachedStatement(sql: codeStatement)
    let (row, next, found) = (passages.sqliteStatement, inOrder.sqliteStatement, lookup.sqliteStatement)
    sqlite3_reset(next)
    defer {
      sqlite3_reset(next)
      sqlite3_reset(found)
    }
    var ahead: Int64? = .min  // the vector whose code `next` is at; nil beyond the last
    try forEachRow(of: passages, db) {
      let vector = sqlite3_column_int64(row, 2)
      while let at = ahead, at < vector {
        ahead = try step(inOrder, db) ? sqlite3_column_int64(next, 0) : nil
      }
      var bytes: UnsafeRawBufferPointer?
      if ahead == vector {
        bytes = Self.bytes(next, 1)
      } else {
        sqlite3_reset(found)
        sqlite3_bind_int64(found, 1, vector)
        sqlite3_bind_int64(found, 2, projector)
        if try step(lookup, db) { bytes = Self.bytes(found, 0) }
      }
      guard let bytes else { return }
      try body(
        LoadedPassage(
          passageID: sqlite3_column_int64(row, 0), fileID: sqlite3_column_int64(row, 1), vectorID: vector,
          bytes: bytes, scale: 1))
    }
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

  static let passagesStatement = "SELECT id, file, vector FROM passage ORDER BY id"
  static let codesStatement = "SELECT vector, bytes FROM code WHERE projector = ? ORDER BY vector"
  static let codeStatement = "SELECT bytes FROM code WHERE vector = ? AND projector = ?"
  static let vectorsStatement = """
    SELECT passage.id, passage.file, passage.vector, vector.components, vector.scale
    FROM passage CROSS JOIN vector ON vector.id = passage.vector ORDER BY passage.id
    """
  static let vectorsOfModelStatement = """
    SELECT passage.id, passage.file, passage.vector, vector.components, vector.scale
    FROM passage CROSS JOIN vector ON vector.id = passage.vector
      AND vector.model = (SELECT id FROM model WHERE hash = ?) ORDER BY passage.id
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

  private static func forEachRow(of statement: Statement, _ db: Database, _ body: () throws -> Void) throws {
    let handle = statement.sqliteStatement
    sqlite3_reset(handle)
    defer { sqlite3_reset(handle) }
    while try step(statement, db) { try body() }
  }

  /// Whether there is a row more.
  private static func step(_ statement: Statement, _ db: Database) throws -> Bool {
    switch sqlite3_step(statement.sqliteStatement) {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    case let code:
      throw DatabaseError(
        resultCode: ResultCode(rawValue: code), message: String(cString: sqlite3_errmsg(db.sqliteConnection)),
        sql: statement.sql)
    }
  }

  private static func bytes(_ handle: SQLiteStatement, _ column: CInt) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(
      start: sqlite3_column_blob(handle, column), count: Int(sqlite3_column_bytes(handle, column)))
  }
}
