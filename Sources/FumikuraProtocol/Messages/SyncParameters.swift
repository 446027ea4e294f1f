/// Parameters of `sync`.
package struct SyncParameters: WireObject, Hashable {
  package var shares: [String]?
  package var timeoutMilliseconds: Int
  package var wantsProgress: Bool

  package init(shares: [String]? = nil, timeoutMilliseconds: Int = 30_000, wantsProgress: Bool = false) {
    self.shares = shares
    self.timeoutMilliseconds = timeoutMilliseconds
    self.wantsProgress = wantsProgress
  }

  package static let form = Form<SyncParameters>.parameters(
    "Which shares to wait for.",
    Self.init,
    Field(
      "shares", \SyncParameters.shares,
      "Names of the shares to look in; null for all.", .list(.text(1...255), count: 1...256)),
    Field(
      "timeout_ms", \SyncParameters.timeoutMilliseconds,
      "At most so long; then the error is `timeout`.", .integer(0...600_000), whenAbsent: 30_000),
    Field(
      "progress", \SyncParameters.wantsProgress,
      "Whether to send `$/progress` notifications meanwhile.", whenAbsent: false))
}
