import Foundation
import GRDB
import LinuxSystem
package import SystemPackage

extension PassageStore {
  package func file(share: Int64, path: FilePath) throws(StoreError) -> FileRow? {
    try read { db in try Self.file(share: share, path: path, db) }
  }

  package func file(id: Int64) throws(StoreError) -> FileRow? {
    try read { db in try Self.file(id: id, db) }
  }

  /// Sorted by the bytes of the path; `under` itself is included where it is a file; empty: all of the share.
  package func files(share: Int64, under path: FilePath) throws(StoreError) -> [FileRow] {
    try read { db in
      var files: [FileRow] = []
      try Self.forEachFile(share: share, under: path, db) { files.append($0) }
      return files
    }
  }

  /// As `files`, one at a time from one snapshot, in the same order: for shares of millions of files.
  package func forEachFile(share: Int64, under path: FilePath, _ body: (FileRow) throws -> Void) throws {
    try readThrough { db in try Self.forEachFile(share: share, under: path, db, body) }
  }

  /// By ascending id, those after `cursor`; the last row's id is the next cursor.
  package func page(of filter: FileFilter, after cursor: Int64?, limit: Int) throws(StoreError) -> [FileRow] {
    guard limit > 0 else { return [] }
    let shares = filter.shares, states = filter.states, glob = filter.glob
    let under = filter.under.flatMap { $0.isEmpty ? nil : $0 }
    return try read { db in
      // Filters that let few through must not read whole rows of the others: what SQL can decide, SQL decides.
      var sql = "SELECT \(StoredColumns.file) FROM file WHERE id > ?"
      var arguments: [(any DatabaseValueConvertible)?] = [cursor ?? 0]
      if let shares {
        sql += " AND share IN (\(shares.sorted().map(String.init).joined(separator: ",")))"
      }
      if let states {
        sql += " AND state IN (\(states.map { "'\($0.rawValue)'" }.sorted().joined(separator: ",")))"
      }
      if let under {
        let below = under.blobsBelow
        sql += " AND (path = ? OR path >= ? AND path < ?)"
        arguments += [under.blob, below.from, below.to]
      }
      let cursor = try Row.fetchCursor(db, sql: sql + " ORDER BY id", arguments: StatementArguments(arguments))
      var page: [FileRow] = []
      while page.count < limit, let row = try cursor.next() {
        if let glob, !glob.matches(Array(row[2] as Data)) { continue }
        page.append(try StoredColumns.file(row))
      }
      return page
    }
  }

  /// The file under all names by which it was last seen, in any share.
  package func files(device: UInt64, inode: UInt64) throws(StoreError) -> [FileRow] {
    try read { db in
      try db.rows(
        "SELECT \(StoredColumns.file) FROM file WHERE inode = ? AND dev = ?",
        [Int64(bitPattern: inode), Int64(bitPattern: device)], StoredColumns.file)
    }
  }

  /// By share. Kept by triggers: costs nothing.
  package func counts() throws(StoreError) -> [Int64: FileCounts] {
    try read { db in
      let rows = try db.rows(
        "SELECT share, indexed_files, jobs, failed_files, skipped_files, quarantined_files, passages FROM tally"
      ) { row in
        var counts = FileCounts()
        counts.indexed = row[1]
        counts.waiting = row[2]
        counts.failed = row[3]
        counts.skipped = row[4]
        counts.quarantined = row[5]
        counts.passages = row[6]
        return (row[0] as Int64, counts)
      }
      return Dictionary(uniqueKeysWithValues: rows)
    }
  }

  static func file(id: Int64, _ db: Database) throws -> FileRow? {
    try db.row("SELECT \(StoredColumns.file) FROM file WHERE id = ?", [id], StoredColumns.file)
  }

  static func file(share: Int64, path: FilePath, _ db: Database) throws -> FileRow? {
    try db.row(
      "SELECT \(StoredColumns.file) FROM file WHERE share = ? AND path = ?", [share, path.blob], StoredColumns.file)
  }

  /// Two lookups, as "a-b" sorts between "a" and "a/b".
  static func forEachFile(
    share: Int64, under path: FilePath, _ db: Database, _ body: (FileRow) throws -> Void
  ) throws {
    let range: (Data, Data?)
    if path.isEmpty {
      range = (Data(), nil)
    } else {
      if let file = try file(share: share, path: path, db) { try body(file) }
      range = path.blobsBelow
    }
    var sql = "SELECT \(StoredColumns.file) FROM file WHERE share = ? AND path >= ?"
    var arguments: [(any DatabaseValueConvertible)?] = [share, range.0]
    if let end = range.1 {
      sql += " AND path < ?"
      arguments.append(end)
    }
    let cursor = try Row.fetchCursor(db, sql: sql + " ORDER BY path", arguments: StatementArguments(arguments))
    while let row = try cursor.next() { try body(StoredColumns.file(row)) }
  }
}
