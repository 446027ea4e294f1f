import GRDB
package import LinuxSystem

extension PassageStore {
  /// Those of the keys whose source vectors are stored.
  package func known(_ keys: [SHA256Digest]) throws(StoreError) -> [SHA256Digest: StoredVector] {
    try read { db in
      var known: [SHA256Digest: StoredVector] = [:]
      for key in keys where known[key] == nil {
        known[key] = try db.row(
          "SELECT \(StoredColumns.vector) FROM vector WHERE key = ?", [key.blob], StoredColumns.vector)
      }
      return known
    }
  }

  package func sourceVectors(_ vectorIDs: [Int64]) throws(StoreError) -> [Int64: StoredVector] {
    try read { db in
      var vectors: [Int64: StoredVector] = [:]
      for id in vectorIDs where vectors[id] == nil { vectors[id] = try Self.vector(id, db) }
      return vectors
    }
  }

  /// A uniform random choice, the same for the same seed and content, of those that passages use, by ascending id.
  ///
  /// - Parameters:
  ///   - model: of this model alone; nil: of any.
  ///   - includingUnused: also of those that no passage uses yet; a model must be named then.
  package func sampleVectors(
    limit: Int, seed: UInt64, model: SHA256Digest? = nil, includingUnused: Bool = false
  ) throws(StoreError) -> [StoredVector] {
    var vectors: [StoredVector] = []
    try forEachSampledVector(limit: limit, seed: seed, model: model, includingUnused: includingUnused) {
      vectors.append($0)
    }
    return vectors
  }

  /// Hands out what `sampleVectors` returns one by one, from one snapshot. `body` must not call the store.
  package func forEachSampledVector(
    limit: Int, seed: UInt64, model: SHA256Digest? = nil, includingUnused: Bool = false,
    _ body: (StoredVector) -> Void
  ) throws(StoreError) {
    try read { db in
      // Read from an index: no vector is touched that is not chosen.
      var ids =
        if let model {
          try db.rows(
            """
            SELECT id FROM vector
            WHERE model = (SELECT id FROM model WHERE hash = ?1)
              AND (?2 OR EXISTS (SELECT 1 FROM passage WHERE vector = vector.id))
            """, [model.blob, includingUnused]
          ) { $0[0] as Int64 }
        } else {
          try db.rows("SELECT DISTINCT vector FROM passage") { $0[0] as Int64 }
        }
      ids = SampleGenerator.choose(limit, of: ids, seed: seed)
      for id in ids { if let vector = try Self.vector(id, db) { body(vector) } }
    }
  }

  /// All that passages use, by ascending id. Each batch is a snapshot of its own; `body` may call the store.
  package func forEachVector(
    batch: Int, model: SHA256Digest? = nil, _ body: ([StoredVector]) throws -> Void
  ) throws {
    precondition(batch > 0, "a batch of no vectors has no end")
    var last: Int64 = 0
    while true {
      let after = last
      let vectors = try read { db in
        try db.rows(
          """
          SELECT \(StoredColumns.vector) FROM vector
          WHERE id > ?1 AND EXISTS (SELECT 1 FROM passage WHERE vector = vector.id)
            AND (?2 IS NULL OR model = (SELECT id FROM model WHERE hash = ?2))
          ORDER BY id LIMIT ?3
          """, [after, model?.blob, batch], StoredColumns.vector)
      }
      guard let end = vectors.last else { return }
      last = end.id
      try body(vectors)
    }
  }

  /// Deletes up to `limit` vectors that no passage uses any more, with their codes. Returns how many.
  ///
  /// - Parameter awaited: models whose vectors stay: shares are about to change over to them.
  package func collectUnusedVectors(limit: Int, keeping awaited: Set<SHA256Digest> = []) throws(StoreError) -> Int {
    try write { db in
      // Some are in use again since they were noted.
      try db.run(
        "DELETE FROM vector_unused WHERE EXISTS (SELECT 1 FROM passage WHERE passage.vector = vector_unused.vector)")
      let models = try awaited.compactMap { hash in
        try db.row("SELECT id FROM model WHERE hash = ?", [hash.blob]) { $0[0] as Int64 }
      }
      let ids =
        if models.isEmpty {
          try db.rows("SELECT vector FROM vector_unused LIMIT ?", [max(0, limit)]) { $0[0] as Int64 }
        } else {
          try db.rows(
            """
            SELECT vector FROM vector_unused JOIN vector ON vector.id = vector_unused.vector
            WHERE model NOT IN (\(models.sorted().map(String.init).joined(separator: ","))) LIMIT ?
            """, [max(0, limit)]
          ) { $0[0] as Int64 }
        }
      for id in ids { try db.run("DELETE FROM vector WHERE id = ?", [id]) }
      return ids.count
    }
  }

  private static func vector(_ id: Int64, _ db: Database) throws -> StoredVector? {
    try db.row("SELECT \(StoredColumns.vector) FROM vector WHERE id = ?", [id], StoredColumns.vector)
  }
}
