import GRDB
import Synchronization

extension PassageStore {
  /// How many texts a query ranks before it looks at what it has. Terms are taken from the rarest on until they match as
  /// many: ranking every text that has one of ten common words takes a second for half a million texts, and changes no
  /// first page. Where one term alone matches more, the newest texts come first, and older ones only while too few of
  /// the matches are allowed.
  static let rankedTexts = 8_000
  /// No more terms than this are looked up, as a text of a thousand words may be pasted as a query.
  static let longestQuery = 48

  /// The best `limit` passages that `allowed` lets through, best first, ties by lower id.
  ///
  /// - Parameter query: any text; see `KeywordQuery`.
  /// - Parameter statistics: whose texts tell how rare a word is. For somebody who may not read all, those that they may
  ///   read: or else the score of a text of their own would tell whether other people's have its words.
  /// - Parameter allowed: is asked for matches, on the calling thread; it must not call the store.
  package func keywordMatches(
    _ query: String, limit: Int, statistics: KeywordStatistics = .ofAll, allowed: (Int64) -> Bool
  ) throws(StoreError) -> [KeywordMatch] {
    let terms = KeywordQuery(query).terms.prefix(Self.longestQuery)
    guard !terms.isEmpty, limit > 0 else { return [] }
    return try read { db in
      guard let newest = try db.row("SELECT max(id) FROM passage_text", [], { $0[0] as Int64? }) ?? nil else {
        return []
      }
      let rarest = try Self.rarest(of: Array(terms), newest: newest, db)
      let expression = rarest.terms.map(\.expression).joined(separator: " OR ")
      let weights =
        switch statistics {
        case .ofAll:
          PassageRanking.blob(
            rarest.terms.map { PassageRanking.weight(found: $0.texts, of: rarest.allTexts) }, meanLength: nil)
        case .ofAllowed(let passages):
          PassageRanking.blob(
            try rarest.terms.map { term in
              let found = try Self.allowed(term.expression, newest: newest, db, allowed)
              return PassageRanking.weight(found: min(found, passages), of: passages)
            }, meanLength: PassageRanking.usualLength)
        }
      let matched = rarest.terms.reduce(0) { $0 + $1.texts }
      let width = matched <= Self.rankedTexts ? newest : max(1, newest * Int64(Self.rankedTexts) / Int64(matched))
      var best = BestMatches(limit: limit)
      var end = newest
      while end > 0 {
        let rows = try Row.fetchCursor(
          db.cachedStatement(sql: Self.matchStatement), arguments: [weights, expression, end - width + 1, end])
        while let row = try rows.next() {
          let match = KeywordMatch(passageID: row[0], bm25: row[1])
          if best.takes(match), allowed(match.passageID) { best.insert(match) }
        }
        if best.isFull { break }
        end -= width
      }
      return best.sorted()
    }
  }

  static let matchStatement = """
    SELECT passage.id, \(PassageRanking.name)(passage_fts, ?)
    FROM passage_fts CROSS JOIN passage ON passage.text = passage_fts.rowid
    WHERE passage_fts MATCH ? AND passage_fts.rowid BETWEEN ? AND ?
    """

  /// Makes the keyword index anew from the texts: for one that `verify` finds at odds with them.
  package func rebuildKeywordIndex() throws(StoreError) {
    try write { db in try db.execute(sql: "INSERT INTO passage_fts(passage_fts) VALUES ('rebuild')") }
  }

  /// Rewrites up to about `pages` pages of the keyword index without what was deleted; to be called again until it
  /// returns true, when the machine has nothing better to do.
  ///
  /// Texts and rows are overwritten as they are deleted. FTS5 before SQLite 3.42 cannot do that: it notes that a text is
  /// gone, and its words with their positions stay in the index until its pages are merged, as this does.
  package func eraseDeletedWords(pages: Int) throws(StoreError) -> Bool {
    let begun = isErasing.withLock { $0 }
    let finished = try write { db in
      let before = db.totalChangesCount
      // A negative number makes one level of all segments, so that the merge takes in all of them.
      try db.run("INSERT INTO passage_fts(passage_fts, rank) VALUES ('merge', ?)", [begun ? pages : -pages])
      return db.totalChangesCount - before < 2
    }
    isErasing.withLock { $0 = !finished }
    if finished { try emptyLog() }
    return finished
  }

  /// The terms from the rarest on that together match about `rankedTexts`, and the rarest in any case, each with about
  /// how many texts have it, of about how many.
  ///
  /// To count a common word's texts takes as long as to rank them, so that it is estimated from windows of ids; of few
  /// texts, the one window is all, and the counts are exact.
  private static func rarest(
    of terms: [String], newest: Int64, _ db: Database
  ) throws -> (terms: [(expression: String, texts: Int)], allTexts: Int) {
    let windows = Self.windows(newest: newest)
    let count = { (sql: String, arguments: [(any DatabaseValueConvertible)?]) in
      try windows.reduce(0) { sum, window in
        try sum + (db.row(sql, arguments + [window.lowerBound, window.upperBound]) { $0[0] as Int } ?? 0)
      }
    }
    // The table of lengths is the smallest that has a row for each text.
    let seen = try count("SELECT count(*) FROM passage_fts_docsize WHERE id BETWEEN ? AND ?", [])
    let covered = windows.reduce(0) { $0 + Int($1.upperBound - $1.lowerBound + 1) }
    let scale = { (found: Int) in Int((Double(found) * Double(newest) / Double(covered)).rounded()) }
    let counted = try terms.map { term in
      (
        expression: term,
        texts: scale(
          try count("SELECT count(*) FROM passage_fts WHERE passage_fts MATCH ? AND rowid BETWEEN ? AND ?", [term]))
      )
    }
    let order = counted.indices.sorted { (counted[$0].texts, $0) < (counted[$1].texts, $1) }
    var taken: [Int] = []
    var total = 0
    for index in order {
      guard taken.isEmpty || total + counted[index].texts <= rankedTexts else { break }
      taken.append(index)
      total += counted[index].texts
    }
    return (taken.map { counted[$0] }, scale(seen))
  }

  /// About how many passages that `allowed` lets through have a term, estimated likewise.
  private static func allowed(
    _ term: String, newest: Int64, _ db: Database, _ allowed: (Int64) -> Bool
  ) throws -> Int {
    var found = 0
    var covered: Int64 = 0
    for window in windows(newest: newest) {
      covered += window.upperBound - window.lowerBound + 1
      let rows = try Row.fetchCursor(
        db.cachedStatement(sql: holderStatement), arguments: [term, window.lowerBound, window.upperBound])
      while let row = try rows.next() { if allowed(row[0]) { found += 1 } }
    }
    return Int((Double(found) * Double(newest) / Double(max(1, covered))).rounded())
  }

  private static let holderStatement = """
    SELECT passage.id FROM passage_fts CROSS JOIN passage ON passage.text = passage_fts.rowid
    WHERE passage_fts MATCH ? AND passage_fts.rowid BETWEEN ? AND ?
    """

  /// Ranges of text ids that stand for all up to `newest`: all where they are few.
  private static func windows(newest: Int64) -> [ClosedRange<Int64>] {
    let width: Int64 = 1024
    return newest <= 4 * width
      ? [1...newest] : (0..<4).map { 1 + $0 * (newest - width) / 3 }.map { $0...($0 + width - 1) }
  }
}

/// The best so far of a stream of matches.
private struct BestMatches {
  let limit: Int
  private var matches: [KeywordMatch] = []
  private var floor = -Double.infinity

  init(limit: Int) { self.limit = limit }

  var isFull: Bool { matches.count >= limit }

  /// Whether the match may be among the best.
  func takes(_ match: KeywordMatch) -> Bool { match.bm25 >= floor }

  /// Sorts now and then, so that a match costs a constant on average.
  mutating func insert(_ match: KeywordMatch) {
    matches.append(match)
    if matches.count >= 2 * limit + 64 { cut() }
  }

  mutating func sorted() -> [KeywordMatch] {
    cut()
    return matches
  }

  private mutating func cut() {
    matches.sort { $0.bm25 != $1.bm25 ? $0.bm25 > $1.bm25 : $0.passageID < $1.passageID }
    guard matches.count > limit else { return }
    matches.removeLast(matches.count - limit)
    floor = matches[limit - 1].bm25
  }
}
