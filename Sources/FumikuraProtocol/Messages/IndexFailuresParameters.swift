/// Parameters of `index.failures`.
package struct IndexFailuresParameters: WireObject, Hashable {
  package var shares: [String]?
  package var cursor: String?
  package var limit: Int

  package init(shares: [String]? = nil, cursor: String? = nil, limit: Int = 100) {
    self.shares = shares
    self.cursor = cursor
    self.limit = limit
  }

  package static let form = Form<IndexFailuresParameters>.parameters(
    "Which failures.",
    Self.init,
    Field(
      "shares", \IndexFailuresParameters.shares,
      "Names of the shares to look in; null for all.", .list(.text(1...255), count: 1...256)),
    Field(
      "cursor", \IndexFailuresParameters.cursor,
      "Where to go on: `next_cursor` of the page before.", .text(1...1024)),
    Field("limit", \IndexFailuresParameters.limit, "At most so many a page.", .integer(1...1000), whenAbsent: 100))
}
