import Foundation
import GRDB
package import LinuxSystem
package import SystemPackage

extension PassageStore {
  /// Stores a file's passages in one transaction, and finishes the job in it.
  ///
  /// A passage whose text and vector are those of one that the file had keeps that one's id, wherever it moved to;
  /// its text is not indexed again. Throws `missingVectors` where a passage's vector is neither given nor stored (it may
  /// have been collected since `known` was asked): nothing is kept then.
  package func commit(_ file: IndexedFile, finishing job: Job?) throws(StoreError) -> CommittedFile {
    try write { db in
      let (id, replaced) = try Self.putFile(
        FileColumns(
          share: file.share, path: file.path, attributes: file.attributes, contentHash: file.contentHash,
          readAt: file.readAt, state: .indexed, type: file.type, title: file.title, stale: file.stale,
          partial: file.partial, reason: nil, detail: nil, attempts: try Self.attempts(of: job, db),
          passages: file.passages.count), db)
      let vectors = try Self.putVectors(of: file, db)
      let (removed, added) = try Self.putPassages(file.passages, of: id, vectors: vectors, db)
      try Self.note("indexed", share: file.share, path: file.path, detail: "\(file.passages.count) passages", db)
      try Self.finish(job, db)
      return CommittedFile(
        file: try Self.file(share: file.share, path: file.path, db)!, removed: removed, added: added,
        replacedFile: replaced)
    }
  }

  /// Stores that the file has no passages, and why; those that it had go.
  package func record(outcome: FileOutcome, finishing job: Job?) throws(StoreError) -> CommittedFile {
    guard outcome.state != .indexed else {
      throw .invalid(what: "an outcome's state", got: "indexed", expected: "skipped, failed or quarantined")
    }
    return try write { db in
      let before = try Self.file(share: outcome.share, path: outcome.path, db)
      let (id, replaced) = try Self.putFile(
        FileColumns(
          share: outcome.share, path: outcome.path,
          attributes: outcome.attributes ?? before?.attributes ?? .unknown, contentHash: outcome.contentHash,
          readAt: outcome.readAt, state: outcome.state, type: outcome.type, title: nil, stale: false, partial: nil,
          reason: outcome.reason, detail: outcome.detail, attempts: try Self.attempts(of: job, db), passages: 0), db)
      let removed = try Self.passageIDs(ofFile: id, db)
      try db.run("DELETE FROM passage WHERE file = ?", [id])
      try Self.note(outcome.state.rawValue, share: outcome.share, path: outcome.path, detail: outcome.reason, db)
      try Self.finish(job, db)
      return CommittedFile(
        file: try Self.file(share: outcome.share, path: outcome.path, db)!, removed: removed, added: [],
        replacedFile: replaced)
    }
  }

  /// For a file whose bytes are the same. `readAt`: when they were read to find that out, in nanoseconds since 1970;
  /// nil where they were not, and the time of the last read stays. Nil where the store does not know it (the job is
  /// finished all the same).
  package func update(
    attributes: FileAttributes, readAt: Int64? = nil, share: Int64, path: FilePath, finishing job: Job?
  ) throws(StoreError) -> FileRow? {
    try write { db in
      try db.run(
        """
        UPDATE file SET (\(StoredColumns.attributes)) = (?, ?, ?, ?, ?, ?, ?, ?, ?, ?),
          read_at = coalesce(?, read_at) WHERE share = ? AND path = ?
        """, StoredColumns.values(of: attributes) + [readAt, share, path.blob])
      try Self.finish(job, db)
      return try Self.file(share: share, path: path, db)
    }
  }

  /// Nil where the store does not know the file (the job is finished all the same).
  package func remove(share: Int64, path: FilePath, finishing job: Job?) throws(StoreError) -> CommittedFile? {
    try write { db in
      guard let file = try Self.file(share: share, path: path, db) else {
        try Self.finish(job, db)
        return nil
      }
      let removed = try Self.passageIDs(ofFile: file.id, db)
      try db.run("DELETE FROM file WHERE id = ?", [file.id])
      try Self.note("removed", share: share, path: path, db)
      try Self.finish(job, db)
      return CommittedFile(file: file, removed: removed, added: [], replacedFile: true)
    }
  }

  /// Removes what is at or below `path`, files and directories; empty: all of the share. Jobs stay.
  package func removeAll(share: Int64, under path: FilePath) throws(StoreError) -> RemovedFiles {
    try write { db in try Self.removeAll(share: share, under: path, db) }
  }

  static func removeAll(share: Int64, under path: FilePath, _ db: Database) throws -> RemovedFiles {
    var removed = RemovedFiles()
    var files: [(id: Int64, path: FilePath)] = []
    try forEachFile(share: share, under: path, db) { files.append(($0.id, $0.path)) }
    for file in files {
      removed.files.append(file.id)
      removed.passages += try passageIDs(ofFile: file.id, db)
      try db.run("DELETE FROM file WHERE id = ?", [file.id])
      try note("removed", share: share, path: file.path, db)
    }
    guard let root = try db.row("SELECT root FROM share WHERE id = ?", [share], { StoredColumns.path($0, 0) }) else {
      throw StoreError.unknownShare(share)
    }
    try removeDirectories(under: path.isEmpty ? root : root.pushing(path), db)
    return removed
  }

  static func passageIDs(ofFile file: Int64, _ db: Database) throws -> [Int64] {
    try db.rows("SELECT id FROM passage WHERE file = ? ORDER BY ordinal", [file]) { $0[0] }
  }

  /// How often extraction was started for the job.
  private static func attempts(of job: Job?, _ db: Database) throws -> Int {
    guard let job else { return 0 }
    return try db.row("SELECT attempts FROM job WHERE id = ?", [job.id]) { $0[0] as Int } ?? 0
  }

  /// A file's columns but its id.
  private struct FileColumns {
    var share: Int64
    var path: FilePath
    var attributes: FileAttributes
    var contentHash: SHA256Digest?
    var readAt: Int64
    var state: FileState
    var type: String?
    var title: String?
    var stale: Bool
    var partial: String?
    var reason: String?
    var detail: String?
    var attempts: Int
    var passages: Int
  }

  /// Adds the file or replaces all of its columns; its id stays.
  private static func putFile(_ file: FileColumns, _ db: Database) throws -> (id: Int64, replaced: Bool) {
    let columns =
      "\(StoredColumns.attributes), content_hash, read_at, state, type, title, stale, partial, reason, detail, attempts, passages"
    let values: [(any DatabaseValueConvertible)?] =
      StoredColumns.values(of: file.attributes) + [
        file.contentHash?.blob, file.readAt, file.state.rawValue, file.type?.storable, file.title?.storable, file.stale,
        file.partial?.storable, file.reason?.storable, file.detail?.storable, file.attempts, file.passages,
      ]
    let places = values.map { _ in "?" }.joined(separator: ", ")
    let id = try db.row("SELECT id FROM file WHERE share = ? AND path = ?", [file.share, file.path.blob]) {
      $0[0] as Int64
    }
    if let id {
      try db.run("UPDATE file SET (\(columns)) = (\(places)) WHERE id = ?", values + [id])
      return (id, true)
    }
    do {
      try db.run(
        "INSERT INTO file(share, path, \(columns)) VALUES (?, ?, \(places))", [file.share, file.path.blob] + values)
    } catch let error as DatabaseError where error.extendedResultCode == .SQLITE_CONSTRAINT_FOREIGNKEY {
      throw StoreError.unknownShare(file.share)
    }
    return (db.lastInsertedRowID, false)
  }

  /// Makes sure that every passage's vector is stored. Returns their ids by key.
  private static func putVectors(of file: IndexedFile, _ db: Database) throws -> [SHA256Digest: Int64] {
    let given = Dictionary(file.vectors.map { ($0.key, $0) }) { first, _ in first }
    var ids: [SHA256Digest: Int64] = [:]
    var missing: [SHA256Digest] = []
    var model: Int64?
    for passage in file.passages where ids[passage.key] == nil {
      let key = passage.key
      if let id = try db.row("SELECT id FROM vector WHERE key = ?", [key.blob], { $0[0] as Int64 }) {
        ids[key] = id
      } else if let vector = given[key] {
        model = try model ?? modelID(file.model, db)
        try db.run(
          "INSERT INTO vector(key, model, scale, components) VALUES (?, ?, ?, ?)",
          [key.blob, model, Double(vector.scale), vector.values.withUnsafeBytes { Data($0) }])
        ids[key] = db.lastInsertedRowID
      } else {
        missing.append(key)
      }
      // Also for a vector that was stored already: one that no passage used for a while has no code.
      if let id = ids[key], let codes = file.codes, let code = codes.bytes[key] {
        try putCode(projector: codes.projector, vector: id, code, db)
      }
    }
    guard missing.isEmpty else { throw StoreError.missingVectors(missing) }
    return ids
  }

  static func modelID(_ hash: SHA256Digest, _ db: Database) throws -> Int64 {
    if let id = try db.row("SELECT id FROM model WHERE hash = ?", [hash.blob], { $0[0] as Int64 }) { return id }
    try db.run("INSERT INTO model(hash) VALUES (?)", [hash.blob])
    return db.lastInsertedRowID
  }

  /// Makes the file's passages those given, touching no row that stays as it is.
  private static func putPassages(
    _ passages: [NewPassage], of file: Int64, vectors: [SHA256Digest: Int64], _ db: Database
  ) throws -> (removed: [Int64], added: [AddedPassage]) {
    struct Identity: Hashable {
      let text: Data
      let vector: Int64
    }
    struct Place: Equatable {
      let ordinal: Int
      let heading: String?
      let page: Int?
      let start: Int
      let length: Int
    }
    // Of equal passages the first in the document comes first, so that each keeps its own row where it can.
    var old: [Identity: [(id: Int64, place: Place)]] = [:]
    var order: [Int64] = []
    let rows = try db.rows(
      """
      SELECT passage.id, passage_text.hash, vector, ordinal, heading, page, start, length
      FROM passage JOIN passage_text ON passage_text.id = passage.text WHERE file = ? ORDER BY ordinal DESC
      """, [file]
    ) { row in
      (
        id: row[0] as Int64, identity: Identity(text: row[1], vector: row[2]),
        place: Place(ordinal: row[3], heading: row[4], page: row[5], start: row[6], length: row[7])
      )
    }
    for row in rows {
      old[row.identity, default: []].append((row.id, row.place))
      order.append(row.id)
    }
    var added: [AddedPassage] = []
    var kept: Set<Int64> = []
    for passage in passages {
      let text = passage.text.storable
      let hash = SHA256Digest(of: text.utf8).blob
      let vector = vectors[passage.key]!
      let place = Place(
        ordinal: passage.ordinal, heading: passage.heading?.storable, page: passage.page, start: passage.start,
        length: passage.length)
      if let row = old[Identity(text: hash, vector: vector)]?.popLast() {
        kept.insert(row.id)
        guard row.place != place else { continue }
        try db.run(
          "UPDATE passage SET ordinal = ?, heading = ?, page = ?, start = ?, length = ? WHERE id = ?",
          [place.ordinal, place.heading, place.page, place.start, place.length, row.id])
      } else {
        try db.run(
          """
          INSERT INTO passage(file, ordinal, heading, page, start, length, text, vector) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
          """,
          [
            file, place.ordinal, place.heading, place.page, place.start, place.length,
            try textID(text, hash: hash, db), vector,
          ])
        added.append(AddedPassage(passageID: db.lastInsertedRowID, ordinal: passage.ordinal, vectorID: vector))
      }
    }
    // Last, so that a text which only changed hands is not deleted and indexed again.
    let removed = order.reversed().filter { !kept.contains($0) }
    for id in removed { try db.run("DELETE FROM passage WHERE id = ?", [id]) }
    return (removed, added)
  }

  private static func textID(_ text: String, hash: Data, _ db: Database) throws -> Int64 {
    if let id = try db.row("SELECT id FROM passage_text WHERE hash = ?", [hash], { $0[0] as Int64 }) { return id }
    try db.run("INSERT INTO passage_text(hash, text) VALUES (?, ?)", [hash, text])
    // The trigger's insertion into the keyword index does not count: SQLite restores the number after a trigger.
    return db.lastInsertedRowID
  }
}
