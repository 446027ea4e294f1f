import GRDB

extension PassageStore {
  /// Where the texts of some source vectors are kept; those that no passage uses are left out.
  package func origins(ofVectors ids: [Int64]) throws(StoreError) -> [Int64: VectorOrigin] {
    try read { db in
      var origins: [Int64: VectorOrigin] = [:]
      for id in ids where origins[id] == nil {
        origins[id] = try db.row(
          """
          SELECT file.id, share, path FROM passage JOIN file ON file.id = passage.file
          WHERE passage.id = (SELECT min(id) FROM passage WHERE vector = ?)
          """, [id]
        ) { VectorOrigin(file: $0[0], share: $0[1], path: StoredColumns.path($0, 2)) }
      }
      return origins
    }
  }
}
