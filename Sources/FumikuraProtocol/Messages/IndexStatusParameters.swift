/// Parameters of `index.status`.
package struct IndexStatusParameters: WireObject, Hashable {
  package var shares: [String]?

  package init(shares: [String]? = nil) {
    self.shares = shares
  }

  package static let form = Form<IndexStatusParameters>.parameters(
    "Which shares.",
    Self.init,
    Field(
      "shares", \IndexStatusParameters.shares,
      "Names of the shares to look in; null for all.", .list(.text(1...255), count: 1...256)))
}
