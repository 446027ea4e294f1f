import GRDB
import LinuxSystem
import SystemPackage
import Testing

@testable import PassageStore

@Suite("Query plans")
struct QueryPlanTests {
  /// Statements as the store runs them; a plan must not scan a table, but for those that are meant to.
  @Test(
    "Hot queries go by an index",
    arguments: [
      ("SELECT \(StoredColumns.file) FROM file WHERE share = 1 AND path = x'61'", "share=? AND path=?"),
      (
        "SELECT \(StoredColumns.file) FROM file WHERE share = 1 AND path >= x'612F' AND path < x'6130' ORDER BY path",
        "share=? AND path>? AND path<?"
      ),
      ("SELECT \(StoredColumns.file) FROM file WHERE id > 5 AND state IN ('failed') ORDER BY id", "rowid>?"),
      (
        "UPDATE file SET path = CAST(x'62' || substr(path, 2) AS BLOB) WHERE share = 1 AND path >= x'612F' AND path < x'6130'",
        "share=? AND path>? AND path<?"
      ),
      ("DELETE FROM directory WHERE path >= x'2F' AND path < x'30'", "path>? AND path<?"),
      (
        "SELECT \(StoredColumns.job) FROM job WHERE claimed = 0 AND urgent = 1 AND not_before <= 9 ORDER BY not_before, id LIMIT 1",
        "job_waiting (urgent=? AND not_before<?"
      ),
      ("UPDATE job SET claimed = 0 WHERE claimed = 1", "job_claimed"),
      (
        "SELECT \(StoredColumns.job) FROM job WHERE share = 1 AND id > 2 ORDER BY id LIMIT 5",
        "job_by_share (share=? AND id>?"
      ),
      ("SELECT id FROM passage WHERE file = 1 ORDER BY ordinal", "passage_by_file (file=?"),
      ("SELECT 1 FROM passage WHERE text = 1", "passage_by_text (text=?"),
      ("SELECT 1 FROM passage WHERE vector = 1", "passage_by_vector (vector=?"),
      ("SELECT id FROM passage_text WHERE hash = x'00'", "hash=?"),
      ("SELECT \(StoredColumns.vector) FROM vector WHERE key = x'00'", "key=?"),
      ("SELECT min(id) FROM passage WHERE vector = 1", "passage_by_vector (vector=?"),
      ("SELECT id, key, components, scale FROM question WHERE key = x'00'", "key=?"),
      ("DELETE FROM question WHERE passage = 1", "question_by_passage (passage=?"),
      ("DELETE FROM question WHERE model = 1 AND id <= 5", "question_by_model (model=? AND rowid<?"),
      (PassageStore.questionBeyond.replacing("?", with: "1"), "question_by_model (model=?"),
      ("SELECT 1 FROM code WHERE vector = 1 AND projector = 1", "vector=? AND projector=?"),
      ("DELETE FROM vector WHERE id = 1", "rowid=?"),
      (
        "SELECT time FROM event WHERE share = 1 AND path = x'61' ORDER BY id DESC LIMIT 9",
        "event_by_path (share=? AND path=?"
      ),
      (PassageStore.matchStatement.replacing("?", with: "1"), "passage_by_text (text=?"),
    ])
  func indexed(sql: String, expected: String) throws {
    let plan = try plan(of: sql)
    #expect(plan.contains { $0.contains(expected) }, "\(plan)")
    // A scan by a full-text expression, or of a partial index with a constant condition, reads what matches alone.
    #expect(
      !plan.contains { $0.hasPrefix("SCAN") && !$0.contains("VIRTUAL TABLE") && !$0.contains("job_claimed") }, "\(plan)"
    )
    #expect(!plan.contains { $0.contains("TEMP B-TREE") }, "\(plan)")
  }

  @Test("Loading reads passages in the order of their ids, codes in that of their vectors, and looks the rest up")
  func loading() throws {
    for (sql, expected) in [
      (PassageStore.passagesStatement, ["SEARCH passage USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"]),
      (PassageStore.startStatement, ["SEARCH passage USING INTEGER PRIMARY KEY (rowid>?)"]),
      (PassageStore.codesStatement, ["SEARCH code USING PRIMARY KEY (vector>?)"]),
      (PassageStore.codeStatement, ["SEARCH code USING PRIMARY KEY (vector=? AND projector=?)"]),
    ] {
      #expect(try plan(of: sql.replacing("?", with: "1")) == expected)
    }
    let vectors = try plan(of: PassageStore.vectorsStatement.replacing(/\?./, with: "1"))
    #expect(vectors.contains("SEARCH passage USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"), "\(vectors)")
    #expect(vectors.contains("SEARCH vector USING INTEGER PRIMARY KEY (rowid=?)"), "\(vectors)")
    let bounds = try plan(of: PassageStore.boundsStatement)
    #expect(bounds.count { $0 == "SEARCH passage" } == 2, "\(bounds)")
  }

  private func plan(of sql: String) throws -> [String] {
    let fixture = try StoreFixture()
    return try fixture.store.read { db in
      try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN \(sql)").map { $0["detail"] as String }
    }
  }
}
