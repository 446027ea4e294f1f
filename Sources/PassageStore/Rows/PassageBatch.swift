import GRDB
import GRDBSQLite
import LinuxSystem

/// Some passages as the scan needs them, by ascending id: element i of each array is of passage i.
package struct PassageBatch: Sendable {
  package private(set) var passageIDs: [Int64] = []
  package private(set) var fileIDs: [Int64] = []
  package private(set) var vectorIDs: [Int64] = []
  /// Of the source vectors; empty beside codes.
  package private(set) var scales: [Float] = []
  /// The codes of the projector asked for, else the int8 components of the source vectors, one after the other.
  package private(set) var bytes: [UInt8] = []
  /// Where each one's bytes end.
  package private(set) var ends: [Int] = []

  /// What is asked for, as `PassageStore.loadBatches` says.
  struct Request: Sendable {
    let projector: Int64?
    let model: SHA256Digest?
    let length: (whole: Int, kept: Int)?
  }

  /// Reads those of the ids. Statements are stepped by hand: nothing is allocated a row.
  init(_ ids: ClosedRange<Int64>, _ request: Request, _ db: Database) throws {
    if let projector = request.projector {
      try readCodes(of: projector, ids, request, db)
    } else {
      let statement = try db.cachedStatement(sql: PassageStore.vectorsStatement)
      try statement.setArguments([ids.lowerBound, ids.upperBound, request.model?.blob])
      let handle = statement.sqliteStatement
      try PassageStore.forEachRow(of: statement, db) {
        let scale = Float(sqlite3_column_double(handle, 4))
        if append(handle, PassageStore.bytes(handle, 3), request) { scales.append(scale) }
      }
    }
  }

  /// Vectors were made in the order of the passages, but for those of texts that were known: so passages and codes are
  /// read side by side, each in its order, and only where the two part is a code looked up. Half the time of a join.
  private mutating func readCodes(
    of projector: Int64, _ ids: ClosedRange<Int64>, _ request: Request, _ db: Database
  ) throws {
    let passages = try db.cachedStatement(sql: PassageStore.passagesStatement)
    try passages.setArguments([ids.lowerBound, ids.upperBound])
    let inOrder = try db.cachedStatement(sql: PassageStore.codesStatement)
    let lookup = try db.cachedStatement(sql: PassageStore.codeStatement)
    let (row, next, found) = (passages.sqliteStatement, inOrder.sqliteStatement, lookup.sqliteStatement)
    defer {
      sqlite3_reset(next)
      sqlite3_reset(found)
    }
    // The vector whose code `next` is at; nil where it is nowhere.
    var at: Int64?
    // Codes looked up since one was found in order: some are other texts' older ones, many mean another order from here.
    var misses = Self.missesBeforeMoving
    try PassageStore.forEachRow(of: passages, db) {
      let vector = sqlite3_column_int64(row, 2)
      while let here = at, here < vector, vector - here <= Self.longestWay {
        at = try PassageStore.step(inOrder, db) ? sqlite3_column_int64(next, 0) : nil
      }
      if at != vector && misses >= Self.missesBeforeMoving {
        sqlite3_reset(next)
        sqlite3_bind_int64(next, 1, vector)
        sqlite3_bind_int64(next, 2, projector)
        at = try PassageStore.step(inOrder, db) ? sqlite3_column_int64(next, 0) : nil
        misses = 0
      }
      if at == vector {
        misses = 0
        _ = append(row, PassageStore.bytes(next, 1), request)
      } else {
        misses += 1
        sqlite3_reset(found)
        sqlite3_bind_int64(found, 1, vector)
        sqlite3_bind_int64(found, 2, projector)
        if try PassageStore.step(lookup, db) { _ = append(row, PassageStore.bytes(found, 0), request) }
      }
    }
  }

  /// Vectors further on than this are looked up, not gone to.
  private static let longestWay: Int64 = 64
  private static let missesBeforeMoving = 4

  /// Adds a row whose first columns are passage, file and vector; false where its bytes are of another length.
  private mutating func append(_ row: SQLiteStatement, _ code: UnsafeRawBufferPointer, _ request: Request) -> Bool {
    if let length = request.length, code.count != length.whole { return false }
    passageIDs.append(sqlite3_column_int64(row, 0))
    fileIDs.append(sqlite3_column_int64(row, 1))
    vectorIDs.append(sqlite3_column_int64(row, 2))
    bytes.append(contentsOf: code.prefix(request.length?.kept ?? code.count))
    ends.append(bytes.count)
    return true
  }
}
