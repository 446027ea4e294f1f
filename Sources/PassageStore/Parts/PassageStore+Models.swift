import Foundation
import GRDB
package import LinuxSystem
package import SystemPackage

// A share changes over to another model in two steps. First the new model's vectors are made of all its texts, beside
// those in use: no passage uses them, and they are noted as unused, so that they go again where the change is called
// off. Then, in one transaction, its passages take them. What was made before a kill is found again by its key.

extension PassageStore {
  /// Notes where a model's file is.
  package func remember(model hash: SHA256Digest, name: String, path: FilePath) throws(StoreError) {
    let known = try models().first { $0.hash == hash }
    guard known?.name != name.storable || known?.path != path else { return }
    try write { db in
      let id = try Self.modelID(hash, db)
      try db.run("UPDATE model SET name = ?, path = ? WHERE id = ?", [name.storable, path.blob, id])
    }
  }

  /// Every model that was ever used, the oldest first.
  package func models() throws(StoreError) -> [ModelRow] {
    try read { db in
      try db.rows("SELECT hash, name, path FROM model ORDER BY id") { row in
        ModelRow(
          hash: try StoredColumns.digest(row, 0), name: row[1], path: row[2] == nil ? nil : StoredColumns.path(row, 2))
      }
    }
  }

  /// The models of the passages' vectors, each with the vectors' length.
  package func modelsInUse() throws(StoreError) -> [SHA256Digest: Int] {
    try read { db in
      let used = try db.rows(
        """
        SELECT hash, (
          SELECT length(components) FROM vector WHERE vector.model = model.id
            AND EXISTS (SELECT 1 FROM passage WHERE passage.vector = vector.id) LIMIT 1)
        FROM model
        """
      ) { row in (try StoredColumns.digest(row, 0), row[1] as Int?) }
      return Dictionary(uniqueKeysWithValues: used.compactMap { hash, length in length.map { (hash, $0) } })
    }
  }

  /// Says whose vectors all passages of the share have; nil: several models'.
  package func setModel(of share: Int64, to model: SHA256Digest?) throws(StoreError) -> ShareRow {
    try write { db in
      try Self.setModel(of: share, to: model, db)
      return try db.row("SELECT \(StoredColumns.share) FROM share WHERE id = ?", [share], StoredColumns.share)!
    }
  }

  private static func setModel(of share: Int64, to model: SHA256Digest?, _ db: Database) throws {
    let id = try model.map { try modelID($0, db) }
    try db.run("UPDATE share SET model = ? WHERE id = ?", [id, share])
    guard db.changesCount > 0 else { throw StoreError.unknownShare(share) }
  }

  /// How many passages of the share have texts of which there is no vector of the model.
  package func countPassages(of share: Int64, lacking model: SHA256Digest) throws(StoreError) -> Int {
    try read { db in
      try db.row("SELECT count(*) \(Self.lacking)", [share, 0, model.blob]) { $0[0] as Int } ?? 0
    }
  }

  /// Those passages by ascending id after `cursor`, with their texts.
  package func passages(
    of share: Int64, lacking model: SHA256Digest, after cursor: Int64, limit: Int
  ) throws(StoreError) -> [(id: Int64, text: String)] {
    try read { db in
      try db.rows(
        "SELECT passage.id, passage_text.text \(Self.lacking) ORDER BY passage.id LIMIT ?4",
        [share, cursor, model.blob, max(0, limit)]
      ) { ($0[0] as Int64, $0[1] as String) }
    }
  }

  private static let lacking = """
    FROM passage CROSS JOIN file ON file.id = passage.file AND file.share = ?1
      CROSS JOIN passage_text ON passage_text.id = passage.text
    WHERE passage.id > ?2 AND NOT EXISTS (SELECT 1 FROM vector WHERE key = passage_key(?3, passage_text.text))
    """

  /// Stores vectors that no passage uses yet, with their codes. Those that are known stay as they are.
  package func put(_ vectors: [NewVector], of model: SHA256Digest, codes: NewCodes?) throws(StoreError) {
    try write { db in
      let id = try Self.modelID(model, db)
      for vector in vectors {
        try db.run(
          "INSERT OR IGNORE INTO vector(key, model, scale, components) VALUES (?, ?, ?, ?)",
          [vector.key.blob, id, Double(vector.scale), vector.values.withUnsafeBytes { Data($0) }])
        guard db.changesCount > 0 else { continue }
        let row = db.lastInsertedRowID
        try db.run("INSERT INTO vector_unused(vector) VALUES (?)", [row])
        if let codes, let code = codes.bytes[vector.key] {
          try Self.putCode(projector: codes.projector, vector: row, code, db)
        }
      }
    }
  }

  /// Gives the share's passages the model's vectors, in one transaction. Where all have them then, the share is the
  /// model's. Passage ids stay.
  ///
  /// - Parameter wholly: change nothing where a passage has no vector of the model.
  /// - Returns: how many passages have none.
  package func changeOver(share: Int64, to model: SHA256Digest, wholly: Bool) throws(StoreError) -> Int {
    try write { db in
      let rows = try db.rows(
        """
        SELECT passage.id, passage.vector, next.id
        FROM file CROSS JOIN passage ON passage.file = file.id CROSS JOIN passage_text ON passage_text.id = passage.text
          LEFT JOIN vector AS next ON next.key = passage_key(?2, passage_text.text)
        WHERE file.share = ?1
        """, [share, model.blob]
      ) { row in (passage: row[0] as Int64, old: row[1] as Int64, new: row[2] as Int64?) }
      let lacking = rows.count { $0.new == nil }
      if wholly && lacking > 0 { return lacking }
      var left = Set<Int64>()
      for row in rows {
        guard let new = row.new, new != row.old else { continue }
        try db.run("UPDATE passage SET vector = ? WHERE id = ?", [new, row.passage])
        left.insert(row.old)
      }
      for vector in left.sorted() {
        try db.run(
          """
          INSERT OR IGNORE INTO vector_unused
          SELECT ?1 WHERE NOT EXISTS (SELECT 1 FROM passage WHERE vector = ?1)
          """, [vector])
      }
      if lacking == 0 { try Self.setModel(of: share, to: model, db) }
      return lacking
    }
  }
}
