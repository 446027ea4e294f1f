import GRDB
package import SystemPackage

extension PassageStore {
  /// Adds them, or replaces those with the same path.
  package func putDirectories(_ rows: [DirectoryRow]) throws(StoreError) {
    try write { db in
      for row in rows {
        try db.run(
          """
          INSERT OR REPLACE INTO directory(path, share, \(StoredColumns.attributes))
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
          """, [row.path.blob, row.share] + StoredColumns.values(of: row.attributes))
      }
    }
  }

  /// Sorted by the bytes of the path.
  package func directories() throws(StoreError) -> [DirectoryRow] {
    try read { db in
      try db.rows("SELECT share, path, \(StoredColumns.attributes) FROM directory ORDER BY path") { row in
        DirectoryRow(
          share: row[0], path: StoredColumns.path(row, 1), attributes: StoredColumns.attributes(row, from: 2))
      }
    }
  }

  /// `path` is absolute; it goes too.
  package func removeDirectories(under path: FilePath) throws(StoreError) {
    try write { db in try Self.removeDirectories(under: path, db) }
  }

  static func removeDirectories(under path: FilePath, _ db: Database) throws {
    let below = path.blobsBelow
    try db.run("DELETE FROM directory WHERE path = ?", [path.blob])
    try db.run("DELETE FROM directory WHERE path >= ? AND path < ?", [below.from, below.to])
  }
}
