import GRDB
import GRDBSQLite

extension PassageStore {
  /// How many texts a query may rank. Terms are taken from the rarest on until they match as many: ranking every text
  /// that has one of ten common words takes a second for half a million texts, and changes no first page.
  static let rankedTexts = 20_000
  /// No more terms than this are looked up, as a text of a thousand words may be pasted as a query.
  static let longestQuery = 64

  /// The best `limit` passages that `allowed` lets through, best first, ties by lower id.
  ///
  /// - Parameter query: any text; see `KeywordQuery`.
  /// - Parameter allowed: is asked for every match, on the calling thread; it must not call the store.
  package func keywordMatches(
    _ query: String, limit: Int, allowed: (Int64) -> Bool
  ) throws(StoreError) -> [KeywordMatch] {
    let terms = KeywordQuery(query).terms
    guard !terms.isEmpty, limit > 0 else { return [] }
    return try read { db in
      let expression = try Self.rarest(of: Array(terms.prefix(Self.longestQuery * 4)), db).joined(separator: " OR ")
      var best: [KeywordMatch] = []
      var floor = -Double.infinity
      let precedes = { (left: KeywordMatch, right: KeywordMatch) in
        left.bm25 != right.bm25 ? left.bm25 > right.bm25 : left.passageID < right.passageID
      }
      let cut = {
        best.sort(by: precedes)
        if best.count > limit {
          best.removeLast(best.count - limit)
          floor = best[limit - 1].bm25
        }
      }
      let rows = try Row.fetchCursor(
        db.cachedStatement(sql: Self.matchStatement), arguments: [expression])
      while let row = try rows.next() {
        let match = KeywordMatch(passageID: row[0], bm25: -(row[1] as Double))
        guard match.bm25 >= floor, allowed(match.passageID) else { continue }
        best.append(match)
        if best.count >= 2 * limit + 64 { cut() }
      }
      cut()
      return best
    }
  }

  static let matchStatement = """
    SELECT passage.id, bm25(passage_fts)
    FROM passage_fts CROSS JOIN passage ON passage.text = passage_fts.rowid WHERE passage_fts MATCH ?
    """

  /// Makes the keyword index anew from the texts: for one that `verify` finds at odds with them.
  package func rebuildKeywordIndex() throws(StoreError) {
    try write { db in try db.execute(sql: "INSERT INTO passage_fts(passage_fts) VALUES ('rebuild')") }
  }

  /// The terms from the rarest on that together match about `rankedTexts`, and the rarest in any case.
  private static func rarest(of terms: [String], _ db: Database) throws -> [String] {
    guard terms.count > 1 else { return terms }
    guard let last = try db.row("SELECT max(id) FROM passage_text", [], { $0[0] as Int64? }) ?? nil else { return [] }
    // A count of a common word's texts takes as long as ranking them, so that it is estimated from windows of ids.
    let width: Int64 = 1024
    let windows: [Int64] = last <= 4 * width ? [1] : (0..<4).map { 1 + $0 * (last - width) / 3 }
    let covered = last <= 4 * width ? last : 4 * width
    var counted: [(term: String, texts: Int)] = []
    for term in terms {
      var found = 0
      for start in windows {
        found += try db.row(
          "SELECT count(*) FROM passage_fts WHERE passage_fts MATCH ? AND rowid BETWEEN ? AND ?",
          [term, start, windows.count == 1 ? last : start + width - 1]
        ) { $0[0] as Int }!
      }
      counted.append((term, Int(Int64(found) * last / max(1, covered))))
    }
    let order = counted.indices.sorted { (counted[$0].texts, $0) < (counted[$1].texts, $1) }
    var taken: [String] = []
    var total = 0
    for index in order.prefix(longestQuery) {
      guard taken.isEmpty || total + counted[index].texts <= rankedTexts else { break }
      taken.append(counted[index].term)
      total += counted[index].texts
    }
    return taken
  }
}
