import Foundation
import GRDB
import LinuxSystem
package import SystemPackage

extension PassageStore {
  /// Makes the share known, or brings its root and device up to date: a root that changed raises the epoch.
  package func register(share name: String, root: FilePath, device: UInt64) throws(StoreError) -> ShareRow {
    try write { db in
      try db.run(
        """
        INSERT INTO share(name, root, dev) VALUES (?, ?, ?) ON CONFLICT(name) DO UPDATE
          SET epoch = epoch + (root <> excluded.root), root = excluded.root, dev = excluded.dev
        """, [name.storable, root.blob, Int64(bitPattern: device)])
      return try db.row(
        "SELECT \(StoredColumns.share) FROM share WHERE name = ?", [name.storable], StoredColumns.share)!
    }
  }

  package func shares() throws(StoreError) -> [ShareRow] {
    try read { db in try db.rows("SELECT \(StoredColumns.share) FROM share ORDER BY id", [], StoredColumns.share) }
  }

  /// Returns the new epoch.
  package func raiseEpoch(of share: Int64) throws(StoreError) -> Int64 {
    try write { db in
      try db.run("UPDATE share SET epoch = epoch + 1 WHERE id = ?", [share])
      guard let epoch = try db.row("SELECT epoch FROM share WHERE id = ?", [share], { $0[0] as Int64 }) else {
        throw StoreError.unknownShare(share)
      }
      return epoch
    }
  }

  /// Forgets the share with all its files and jobs, and the directories that no other share needs.
  package func removeShare(_ share: Int64) throws(StoreError) {
    try write { db in
      try db.run("DELETE FROM share WHERE id = ?", [share])
      guard db.changesCount > 0 else { throw StoreError.unknownShare(share) }
      let others = try db.rows("SELECT \(StoredColumns.share) FROM share", [], StoredColumns.share)
      // The foreign key has made the share of its directories NULL; those above roots have none anyway.
      for path in try db.rows("SELECT path FROM directory WHERE share IS NULL", [], { StoredColumns.path($0, 0) }) {
        // Of nested shares, the inner one.
        let owner = others.filter { path.starts(with: $0.root) }.max {
          $0.root.components.count < $1.root.components.count
        }
        if let owner {
          try db.run("UPDATE directory SET share = ? WHERE path = ?", [owner.id, path.blob])
        } else if !others.contains(where: { $0.root.starts(with: path) }) {
          try db.run("DELETE FROM directory WHERE path = ?", [path.blob])
        }
      }
    }
  }
}
