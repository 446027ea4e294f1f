import GRDB

extension PassageStore {
  private static let columns =
    "passage.id, file, ordinal, passage_text.text, heading, page, start, length, vector"

  /// Those of the ids that still exist.
  package func passages(_ ids: [Int64]) throws(StoreError) -> [Int64: PassageDetail] {
    try read { db in
      var passages: [Int64: PassageDetail] = [:]
      for id in ids where passages[id] == nil { passages[id] = try Self.passage(id, db) }
      return passages
    }
  }

  /// Those of the ids that still exist, each with its file's row of the same instant: its attributes, and with them its
  /// permissions, are those under which this very text was read.
  package func passagesWithFiles(
    _ ids: [Int64]
  ) throws(StoreError) -> [Int64: (passage: PassageDetail, file: FileRow)] {
    try read { db in
      var found: [Int64: (passage: PassageDetail, file: FileRow)] = [:]
      for id in ids where found[id] == nil {
        guard let passage = try Self.passage(id, db), let file = try Self.file(id: passage.fileID, db) else { continue }
        found[id] = (passage, file)
      }
      return found
    }
  }

  /// In the document's order.
  package func passages(ofFile file: Int64) throws(StoreError) -> [PassageDetail] {
    try read { db in
      try db.rows(
        """
        SELECT \(Self.columns) FROM passage JOIN passage_text ON passage_text.id = passage.text
        WHERE file = ? ORDER BY ordinal
        """, [file], Self.passage)
    }
  }

  /// For each of the vectors that a passage has, that passage: of several the first.
  package func passages(ofVectors vectorIDs: [Int64]) throws(StoreError) -> [Int64: PassageDetail] {
    try read { db in
      var passages: [Int64: PassageDetail] = [:]
      for vector in vectorIDs where passages[vector] == nil {
        let id = try db.row("SELECT min(id) FROM passage WHERE vector = ?", [vector]) { $0[0] as Int64? }
        if let id = id ?? nil { passages[vector] = try Self.passage(id, db) }
      }
      return passages
    }
  }

  private static func passage(_ id: Int64, _ db: Database) throws -> PassageDetail? {
    try db.row(
      """
      SELECT \(columns) FROM passage JOIN passage_text ON passage_text.id = passage.text WHERE passage.id = ?
      """, [id], passage)
  }

  private static func passage(_ row: Row) -> PassageDetail {
    PassageDetail(
      id: row[0], fileID: row[1], ordinal: row[2], text: row[3], heading: row[4], page: row[5], start: row[6],
      length: row[7], vectorID: row[8])
  }
}
