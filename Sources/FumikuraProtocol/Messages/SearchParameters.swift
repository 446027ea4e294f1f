/// Parameters of `search`.
package struct SearchParameters: WireObject, Hashable {
  package var query: String
  package var limit: Int
  package var offset: Int
  package var shares: [String]?
  package var pathGlob: String?
  package var types: [String]?
  package var modifiedAfter: Timestamp?
  package var modifiedBefore: Timestamp?
  package var mode: SearchMode
  package var grouping: Grouping
  package var minimumScore: Double?
  package var waitForSyncMilliseconds: Int?

  package init(
    query: String, limit: Int = 10, offset: Int = 0, shares: [String]? = nil, pathGlob: String? = nil,
    types: [String]? = nil, modifiedAfter: Timestamp? = nil, modifiedBefore: Timestamp? = nil,
    mode: SearchMode = .hybrid, grouping: Grouping = .file, minimumScore: Double? = nil,
    waitForSyncMilliseconds: Int? = nil
  ) {
    self.query = query
    self.limit = limit
    self.offset = offset
    self.shares = shares
    self.pathGlob = pathGlob
    self.types = types
    self.modifiedAfter = modifiedAfter
    self.modifiedBefore = modifiedBefore
    self.mode = mode
    self.grouping = grouping
    self.minimumScore = minimumScore
    self.waitForSyncMilliseconds = waitForSyncMilliseconds
  }

  package static let form = Form<SearchParameters>.parameters(
    "What to look for.",
    Self.init,
    Field("query", \SearchParameters.query, "What is looked for, in words.", .text(1...10_000)),
    Field("limit", \SearchParameters.limit, "At most so many hits.", .integer(1...100), whenAbsent: 10),
    Field(
      "offset", \SearchParameters.offset,
      "So many hits are left out first.", .integer(0...10_000), whenAbsent: 0),
    Field(
      "shares", \SearchParameters.shares,
      "Names of the shares to look in; null for all.", .list(.text(1...255), count: 1...256)),
    Field(
      "path_glob", \SearchParameters.pathGlob,
      "Only files whose absolute path matches (`*`, `?`, `[…]` within a name, `**` across).", .text(1...4096)),
    Field(
      "types", \SearchParameters.types,
      "Only files of these types, such as pdf, docx, html, markdown, text.", .list(.text(1...64), count: 1...64)),
    Field("modified_after", \SearchParameters.modifiedAfter, "Only files modified at or after this time."),
    Field("modified_before", \SearchParameters.modifiedBefore, "Only files modified before this time."),
    Field("mode", \SearchParameters.mode, "How passages are ranked.", whenAbsent: .hybrid),
    Field("group_by", \SearchParameters.grouping, "What one hit stands for.", whenAbsent: .file),
    Field("min_score", \SearchParameters.minimumScore, "Only hits with at least this score.", .number(-1...1)),
    Field(
      "wait_for_sync_ms", \SearchParameters.waitForSyncMilliseconds,
      "Waits first, at most so long, until all that happened before is searchable; `partial` says where that was too short.",
      .integer(0...60_000)))
}
