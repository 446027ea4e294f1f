import GRDB
import GRDBSQLite
package import LinuxSystem
import SystemPackage

extension PassageStore {
  /// Every passage that has a code of the projector (nil: every passage, with its source vector; of `model` alone where
  /// one is named), by ascending id, from one snapshot. The statement is stepped by hand and its bytes are lent, not copied: nothing is allocated a row.
  package func loadPassages(
    projector: Int64?, model: SHA256Digest? = nil, _ body: (LoadedPassage) throws -> Void
  ) throws {
    try readThrough { db in
      let statement: Statement
      if let projector {
        statement = try db.cachedStatement(sql: Self.codesStatement)
        try statement.setArguments([projector])
      } else if let model {
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
            vectorID: sqlite3_column_int64(handle, 2),
            bytes: UnsafeRawBufferPointer(
              start: sqlite3_column_blob(handle, 3), count: Int(sqlite3_column_bytes(handle, 3))),
            scale: Float(sqlite3_column_double(handle, 4))))
      }
    }
  }

  static let codesStatement = """
    SELECT passage.id, passage.file, passage.vector, code.bytes, 1.0
    FROM passage CROSS JOIN code ON code.vector = passage.vector AND code.projector = ? ORDER BY passage.id
    """
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
    while true {
      switch sqlite3_step(handle) {
      case SQLITE_ROW: try body()
      case SQLITE_DONE: return
      case let code:
        throw DatabaseError(
          resultCode: ResultCode(rawValue: code), message: String(cString: sqlite3_errmsg(db.sqliteConnection)),
          sql: statement.sql)
      }
    }
  }
}
