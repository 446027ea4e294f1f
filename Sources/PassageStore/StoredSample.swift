import Foundation
import GRDB
import Glibc
package import LinuxSystem
package import SystemPackage

/// A random choice of a store's passages with their source vectors, taken while a daemon may have the store open: by a
/// connection that cannot write, from one snapshot, and without the daemon's lock.
package struct StoredSample: Sendable {
  package struct Passage: Sendable, Hashable {
    package let text: String
    package let heading: String?
    /// The share's name and the folder within it: what passages are kept together by.
    package let folder: String
    /// The file that it is of.
    package let file: Int64
    /// Its source vector, but for the length.
    package let values: [Int8]
  }

  /// The model of these vectors: the one that was asked for, else the one that most passages have.
  package let model: ModelRow
  /// One for each text that was chosen, by ascending id.
  package let passages: [Passage]
  /// Passages of that model in all, files that have passages, and the names of their shares.
  package let total: Int
  package let files: Int
  package let shares: [String]
  /// What the database takes for a passage, without its codes and what training left, in bytes.
  package let bytesPerPassage: Double

  /// What a code takes beside its bytes: its keys, and SQLite's record.
  private static let codeRecord = 16
  /// Likewise a question's vector.
  private static let questionRecord = 96

  /// - Parameters:
  ///   - path: the database; the same seed and content give the same choice.
  ///   - model: of this model alone; nil: of the one that most passages have.
  /// - Throws: `StoreError`: where there is no database of ours in good order that we may read, or it has no passages.
  package init(at path: FilePath, limit: Int, seed: UInt64, model wanted: SHA256Digest? = nil) throws(StoreError) {
    guard path.withPlatformString({ access($0, R_OK) }) == 0 else {
      throw .system(LinuxError(call: "open", subject: path.string))
    }
    try StoreOpening.check(path)
    do {
      var configuration = StoreOpening.configuration()
      configuration.readonly = true
      self = try DatabaseQueue(path: path.string, configuration: configuration).read { db in
        try Self(db, limit: limit, seed: seed, model: wanted)
      }
    } catch {
      throw StoreError(error, path: path)
    }
  }

  private init(_ db: Database, limit: Int, seed: UInt64, model wanted: SHA256Digest?) throws {
    let models = try db.rows(
      """
      SELECT hash, name, path, model.id, count(*) AS passages
      FROM passage JOIN vector ON vector.id = passage.vector JOIN model ON model.id = vector.model
      GROUP BY model.id ORDER BY passages DESC
      """
    ) { row in
      (
        row: ModelRow(
          hash: try StoredColumns.digest(row, 0), name: row[1], path: row[2] == nil ? nil : StoredColumns.path(row, 2)),
        id: row[3] as Int64, count: row[4] as Int
      )
    }
    guard let found = wanted.map({ hash in models.first { $0.row.hash == hash } }) ?? models.first else {
      throw StoreError.invalid(
        what: "the passages", got: models.isEmpty ? "none" : "none of model \(wanted!)",
        expected: models.isEmpty ? "some: is anything indexed?" : "one of \(models.map { "\($0.row.hash)" })")
    }
    // One of each text: copies are one passage to learn from.
    let ids = try db.rows(
      """
      SELECT min(passage.id) FROM passage JOIN vector ON vector.id = passage.vector
      WHERE vector.model = ? GROUP BY passage.text
      """, [found.id]
    ) { $0[0] as Int64 }
    passages = try SampleGenerator.choose(limit, of: ids, seed: seed).compactMap { id in
      try db.row(
        """
        SELECT passage_text.text, heading, share.name, file.path, components, file.id
        FROM passage JOIN passage_text ON passage_text.id = passage.text JOIN vector ON vector.id = passage.vector
          JOIN file ON file.id = passage.file JOIN share ON share.id = file.share
        WHERE passage.id = ?
        """, [id]
      ) { row in
        let folder = StoredColumns.path(row, 3).removingLastComponent()
        return Passage(
          text: row[0], heading: row[1], folder: "\(row[2] as String)/\(folder)", file: row[5],
          values: (row[4] as Data).map(Int8.init(bitPattern:)))
      }
    }
    model = found.row
    total = found.count
    files = try Int.fetchOne(db, sql: "SELECT count(DISTINCT file) FROM passage") ?? 0
    shares = try String.fetchAll(db, sql: "SELECT name FROM share ORDER BY id")
    let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
    let free = try Int.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0
    let size = try Int.fetchOne(db, sql: "PRAGMA page_size") ?? 0
    let codes = try Int.fetchOne(db, sql: "SELECT ifnull(sum(length(bytes) + \(Self.codeRecord)), 0) FROM code") ?? 0
    // A database that an earlier version wrote last has no such table.
    let questions =
      try db.tableExists("question")
      ? Int.fetchOne(
        db, sql: "SELECT ifnull(sum(length(components) + \(Self.questionRecord)), 0) FROM question") ?? 0 : 0
    let all = models.reduce(0) { $0 + $1.count }
    bytesPerPassage = Double(max(0, (pages - free) * size - codes - questions)) / Double(max(1, all))
  }
}
