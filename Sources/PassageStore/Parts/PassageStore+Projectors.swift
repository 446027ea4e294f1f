import Foundation
import GRDB
package import LinuxSystem

// Every change is on the disk when its method returns, and mirrored in `keptDirectory`. Where the mirror fails, the
// change in the database stands and the error says what failed.

extension PassageStore {
  /// Gives it the next version.
  package func insertProjector(_ projector: NewProjector) throws(StoreError) -> ProjectorRow {
    guard projector.state == .candidate || projector.state == .rejected else {
      throw .invalid(what: "a new projector's state", got: projector.state.rawValue, expected: "candidate or rejected")
    }
    let row = try writeDurably { db in
      if let parent = projector.parent { _ = try Self.projector(parent, db) }
      try db.run(
        """
        INSERT INTO projector(version, parent, state, method, dimensions, bits, recipe, seed, corpus_fingerprint,
          profile, reason, created, model, encoded_projector, encoded_quantizer)
        VALUES ((SELECT coalesce(max(version), 0) + 1 FROM projector), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        [
          projector.parent, projector.state.rawValue, projector.method.storable, projector.dimensions, projector.bits,
          projector.recipe.storable, Int64(bitPattern: projector.seed), projector.corpusFingerprint.storable,
          projector.profile?.storable, projector.reason?.storable, projector.created,
          try Self.modelID(projector.model, db), Data(projector.encoded.projector), Data(projector.encoded.quantizer),
        ])
      return try Self.projector(db.lastInsertedRowID, db)
    }
    try exportIrreplaceable(to: keptDirectory)
    return row
  }

  /// By version.
  package func projectors() throws(StoreError) -> [ProjectorRow] {
    try read { db in
      try db.rows("SELECT \(StoredColumns.projector) FROM projector ORDER BY version", [], StoredColumns.projector)
    }
  }

  /// The one in force for a model's vectors; nil as the model: any that is in force.
  package func activeProjector(of model: SHA256Digest? = nil) throws(StoreError) -> ProjectorRow? {
    try read { db in
      try db.row(
        """
        SELECT \(StoredColumns.projector) FROM projector
        WHERE state = 'active' AND (?1 IS NULL OR model = (SELECT id FROM model WHERE hash = ?1)) ORDER BY version
        """, [model?.blob], StoredColumns.projector)
    }
  }

  package func encodedProjector(_ id: Int64) throws(StoreError) -> EncodedProjector {
    try read { db in
      let encoded = try db.row("SELECT encoded_projector, encoded_quantizer FROM projector WHERE id = ?", [id]) { row in
        EncodedProjector(projector: Array(row[0] as Data), quantizer: Array(row[1] as Data))
      }
      guard let encoded else { throw StoreError.unknownProjector(id) }
      return encoded
    }
  }

  /// Any state but `active`, which `activate` alone gives.
  @discardableResult
  package func setState(
    of projector: Int64, to state: ProjectorState, reason: String? = nil
  ) throws(StoreError) -> ProjectorRow {
    let row = try writeDurably { db in
      let before = try Self.projector(projector, db)
      guard before.state.mayBecome(state) else {
        throw StoreError.impossibleTransition(projector: projector, from: before.state, to: state)
      }
      try db.run(
        "UPDATE projector SET state = ?, reason = coalesce(?, reason) WHERE id = ?",
        [state.rawValue, reason?.storable, projector])
      return try Self.projector(projector, db)
    }
    try exportIrreplaceable(to: keptDirectory)
    return row
  }

  /// - Parameter profile: JSON.
  @discardableResult
  package func setProfile(of projector: Int64, to profile: String) throws(StoreError) -> ProjectorRow {
    let row = try writeDurably { db in
      try db.run("UPDATE projector SET profile = ? WHERE id = ?", [profile.storable, projector])
      return try Self.projector(projector, db)
    }
    try exportIrreplaceable(to: keptDirectory)
    return row
  }

  /// Puts the projector in force in one transaction: the one before it of the same model becomes `retired`. Promotion and
  /// rollback alike.
  @discardableResult
  package func activate(_ projector: Int64) throws(StoreError) -> ProjectorRow {
    let row = try writeDurably { db in
      let before = try Self.projector(projector, db)
      guard before.state != .rejected else {
        throw StoreError.impossibleTransition(projector: projector, from: before.state, to: .active)
      }
      try db.run(
        """
        UPDATE projector SET state = 'retired'
        WHERE state = 'active' AND id <> ?1 AND model = (SELECT model FROM projector WHERE id = ?1)
        """, [projector])
      try db.run("UPDATE projector SET state = 'active' WHERE id = ?", [projector])
      return try Self.projector(projector, db)
    }
    try exportIrreplaceable(to: keptDirectory)
    return row
  }

  /// Codes of vectors that are gone meanwhile are left out.
  package func putCodes(projector: Int64, _ codes: [(vectorID: Int64, bytes: [UInt8])]) throws(StoreError) {
    try write { db in
      _ = try Self.projector(projector, db)
      for code in codes {
        guard try db.row("SELECT 1 FROM vector WHERE id = ?", [code.vectorID], { _ in true }) != nil else { continue }
        try Self.putCode(projector: projector, vector: code.vectorID, code.bytes, db)
      }
    }
  }

  static func putCode(projector: Int64, vector: Int64, _ bytes: [UInt8], _ db: Database) throws {
    do {
      try db.run(
        "INSERT OR REPLACE INTO code(vector, projector, bytes) VALUES (?, ?, ?)", [vector, projector, Data(bytes)])
    } catch let error as DatabaseError where error.extendedResultCode == .SQLITE_CONSTRAINT_FOREIGNKEY {
      throw StoreError.unknownProjector(projector)
    }
  }

  /// Of the projector's model, used by passages (or also of those that none uses yet), by ascending id after `cursor`.
  package func vectorsWithoutCode(
    projector: Int64, after cursor: Int64? = nil, limit: Int, includingUnused: Bool = false
  ) throws(StoreError) -> [StoredVector] {
    try read { db in
      try db.rows(
        """
        SELECT \(StoredColumns.vector) FROM vector
        WHERE id > ?2 AND model = (SELECT model FROM projector WHERE id = ?1)
          AND NOT EXISTS (SELECT 1 FROM code WHERE code.vector = vector.id AND projector = ?1)
          AND (?4 OR EXISTS (SELECT 1 FROM passage WHERE vector = vector.id))
        ORDER BY id LIMIT ?3
        """, [projector, cursor ?? 0, max(0, limit), includingUnused], StoredColumns.vector)
    }
  }

  package func dropCodes(projector: Int64) throws(StoreError) {
    try write { db in try db.run("DELETE FROM code WHERE projector = ?", [projector]) }
  }

  static func projector(_ id: Int64, _ db: Database) throws -> ProjectorRow {
    let row = try db.row(
      "SELECT \(StoredColumns.projector) FROM projector WHERE id = ?", [id], StoredColumns.projector)
    guard let row else { throw StoreError.unknownProjector(id) }
    return row
  }
}
