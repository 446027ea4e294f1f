import Foundation
import GRDB
package import LinuxSystem

// Questions that training made of passages, as vectors. They are no passages: nothing searches or counts them, and without
// them a training takes longer, no more.

extension PassageStore {
  /// Those of the keys (see `PassageKey`) whose questions' vectors are kept.
  package func questions(_ keys: [SHA256Digest]) throws(StoreError) -> [SHA256Digest: NewVector] {
    try read { db in
      var known: [SHA256Digest: NewVector] = [:]
      for key in keys where known[key] == nil {
        known[key] = try db.row(
          "SELECT id, key, components, scale FROM question WHERE key = ?", [key.blob], StoredColumns.vector
        ).map { NewVector(key: key, values: $0.values, scale: $0.scale) }
      }
      return known
    }
  }

  /// Keeps the vectors of questions. Left out are those whose passage is gone or is another by now, and those that are kept.
  package func keep(_ questions: [NewQuestion], of model: SHA256Digest) throws(StoreError) {
    try write { db in
      let model = try Self.modelID(model, db)
      for question in questions {
        let passage = question.passage
        try db.run(
          """
          INSERT OR IGNORE INTO question(key, passage, model, scale, components)
          SELECT ?1, passage.id, ?2, ?3, ?4 FROM passage JOIN vector ON vector.id = passage.vector
          WHERE passage.id = ?5 AND passage.vector = ?6 AND heading IS ?7 AND vector.model = ?2
          """,
          [
            question.vector.key.blob, model, Double(question.vector.scale),
            question.vector.values.withUnsafeBytes { Data($0) }, passage.id, passage.vectorID, passage.heading,
          ])
      }
    }
  }

  /// Of a model's questions lets go of all but the `limit` that were kept last.
  package func dropOldQuestions(of model: SHA256Digest, keeping limit: Int) throws(StoreError) {
    try write { db in
      let model = try Self.modelID(model, db)
      let last = try db.row(Self.questionBeyond, [model, max(0, limit)]) { $0[0] as Int64 }
      guard let last else { return }
      try db.run("DELETE FROM question WHERE model = ? AND id <= ?", [model, last])
    }
  }

  static let questionBeyond = "SELECT id FROM question WHERE model = ? ORDER BY id DESC LIMIT 1 OFFSET ?"

  /// How many are kept.
  package func countQuestions() throws(StoreError) -> Int {
    try read { db in try db.row("SELECT count(*) FROM question") { $0[0] as Int } ?? 0 }
  }
}
