import Foundation
import GRDB
import LinuxSystem
import SystemPackage

extension PassageStore {
  /// The index as text lines that two stores of the same files have in common whatever happened on the way: of each
  /// share, file and passage what comes from the files alone, without ids, times and attempts. By share's name, path
  /// and ordinal; texts as JSON strings, paths with all but plain ASCII as %XX.
  package func snapshotForComparison() throws(StoreError) -> [String] {
    try read { db in
      var lines: [String] = []
      let shares = try db.rows("SELECT id, name FROM share ORDER BY name") { ($0[0] as Int64, $0[1] as String) }
      for (share, name) in shares {
        try Self.forEachFile(share: share, under: "", db) { file in
          let head = "\(Self.quoted(name)) \(Self.escaped(file.path))"
          lines.append(
            "file \(head) \(file.attributes.size) \(file.contentHash?.description ?? "-") \(file.state) \(file.passages)"
          )
          let passages = try db.rows(
            """
            SELECT ordinal, page, heading, start, length, text.text, vector.key
            FROM passage JOIN passage_text AS text ON text.id = passage.text JOIN vector ON vector.id = passage.vector
            WHERE file = ? ORDER BY ordinal
            """, [file.id]
          ) { row in
            let page = (row[1] as Int?).map(String.init) ?? "-"
            let heading = (row[2] as String?).map(Self.quoted) ?? "-"
            let key = try StoredColumns.digest(row, 6)
            return "passage \(head) \(row[0] as Int) \(page) \(heading) \(row[3] as Int)+\(row[4] as Int) "
              + "\(key) \(Self.quoted(row[5]))"
          }
          lines += passages
        }
      }
      return lines
    }
  }

  /// What is wrong, in words; empty where all is well. Reads everything: minutes for a large store.
  package func verify() throws(StoreError) -> [String] {
    var problems: [String]
    do {
      problems = try read { db in
        try db.rows("PRAGMA integrity_check(20)") { $0[0] as String }.filter { $0 != "ok" }
      }
      // Where pages are damaged, nothing that is read below would mean anything.
      guard problems.isEmpty else { return problems }
      problems = try read { db in try Self.contradictions(db) }
    } catch .corrupt(_, let detail) {
      return [detail]
    }
    // FTS5 checks itself by an insertion, which writes nothing.
    do {
      try write { db in
        try db.execute(sql: "INSERT INTO passage_fts(passage_fts, rank) VALUES ('integrity-check', 1)")
      }
    } catch .corrupt(_, let detail) {
      problems.append("the keyword index is at odds with the texts (\(detail)): it can be rebuilt")
    }
    return problems
  }

  /// Rules that the schema alone does not keep, each as a query for what breaks it.
  private static func contradictions(_ db: Database) throws -> [String] {
    let rules: [(words: String, sql: String)] = [
      ("rows name others that do not exist", "SELECT \"table\" FROM pragma_foreign_key_check"),
      (
        "files whose number of passages is not that of their rows",
        "SELECT id FROM file WHERE passages <> (SELECT count(*) FROM passage WHERE file = file.id)"
      ),
      ("files have passages but are not indexed", "SELECT id FROM file WHERE state <> 'indexed' AND passages > 0"),
      (
        "files whose passages are not numbered from 0 without gaps",
        """
        SELECT file FROM passage GROUP BY file
        HAVING min(ordinal) <> 0 OR max(ordinal) <> count(*) - 1 OR count(DISTINCT ordinal) <> count(*)
        """
      ),
      (
        "texts that no passage has",
        "SELECT id FROM passage_text WHERE NOT EXISTS (SELECT 1 FROM passage WHERE text = passage_text.id)"
      ),
      (
        "vectors that no passage uses and that are not noted as unused",
        """
        SELECT id FROM vector WHERE NOT EXISTS (SELECT 1 FROM passage WHERE vector = vector.id)
          AND NOT EXISTS (SELECT 1 FROM vector_unused WHERE vector = vector.id)
        """
      ),
      (
        "vectors of one model that differ in length",
        "SELECT model FROM vector GROUP BY model HAVING min(length(components)) <> max(length(components))"
      ),
      (
        "vectors of questions of another model than their passage's",
        """
        SELECT question.id FROM question JOIN passage ON passage.id = question.passage
          JOIN vector ON vector.id = passage.vector WHERE vector.model <> question.model
        """
      ),
      (
        "vectors of one model's questions that differ in length",
        "SELECT model FROM question GROUP BY model HAVING min(length(components)) <> max(length(components))"
      ),
      (
        "codes of one projector that differ in length",
        "SELECT projector FROM code GROUP BY projector HAVING min(length(bytes)) <> max(length(bytes))"
      ),
      (
        "shares whose counts are not those of their rows",
        """
        SELECT share FROM tally WHERE
          (indexed_files, skipped_files, failed_files, quarantined_files, passages) <> (
            SELECT count(*) FILTER (WHERE state = 'indexed'), count(*) FILTER (WHERE state = 'skipped'),
              count(*) FILTER (WHERE state = 'failed'), count(*) FILTER (WHERE state = 'quarantined'),
              coalesce(sum(passages), 0)
            FROM file WHERE file.share = tally.share)
          OR jobs <> (SELECT count(*) FROM job WHERE job.share = tally.share)
        """
      ),
    ]
    var problems: [String] = []
    for rule in rules {
      let found = try db.row("SELECT count(*) FROM (\(rule.sql))") { $0[0] as Int }!
      if found > 0 { problems.append("\(rule.words): \(found)") }
    }
    // A text that is not what its hash says would be given to every passage that has the hash.
    let texts = try Row.fetchCursor(db, sql: "SELECT id, hash, text FROM passage_text")
    while let row = try texts.next() {
      let text: String = row[2]
      if SHA256Digest(of: text.utf8).blob != row[1] as Data {
        problems.append("text \(row[0] as Int64) is not that of its hash")
      }
    }
    return problems
  }

  private static func escaped(_ path: FilePath) -> String {
    path.bytes.map { byte in
      let plain = (0x21...0x7E).contains(byte) && byte != UInt8(ascii: "%")
      return plain ? String(Unicode.Scalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }.joined()
  }

  /// As JSON writes it, in one line.
  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F || (0x2028...0x2029).contains(scalar.value):
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
