/// Parameters of `index.files`.
package struct IndexFilesParameters: WireObject, Hashable {
  package var shares: [String]?
  package var states: [FileState]?
  package var pathGlob: String?
  package var cursor: String?
  package var limit: Int

  package init(
    shares: [String]? = nil, states: [FileState]? = nil, pathGlob: String? = nil, cursor: String? = nil,
    limit: Int = 100
  ) {
    self.shares = shares
    self.states = states
    self.pathGlob = pathGlob
    self.cursor = cursor
    self.limit = limit
  }

  package static let form = Form<IndexFilesParameters>.parameters(
    "Which files.",
    Self.init,
    Field(
      "shares", \IndexFilesParameters.shares,
      "Names of the shares to look in; null for all.", .list(.text(1...255), count: 1...256)),
    Field(
      "states", \IndexFilesParameters.states,
      "Only files in these states.", .list(FileState.shape, count: 1...5)),
    Field(
      "path_glob", \IndexFilesParameters.pathGlob,
      "Only files whose absolute path matches (`*`, `?`, `[…]` within a name, `**` across).", .text(1...4096)),
    Field(
      "cursor", \IndexFilesParameters.cursor,
      "Where to go on: `next_cursor` of the page before.", .text(1...1024)),
    Field("limit", \IndexFilesParameters.limit, "At most so many files a page.", .integer(1...1000), whenAbsent: 100))
}
