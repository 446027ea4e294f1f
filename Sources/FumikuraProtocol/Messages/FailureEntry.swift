/// One file that could not be indexed.
package struct FailureEntry: WireObject, Hashable {
  package var path: WirePath
  package var share: String
  package var state: FileState
  package var reason: String
  package var detail: String?
  package var attempts: Int
  package var lastAttempt: Timestamp?

  package init(
    path: WirePath, share: String, state: FileState, reason: String, detail: String? = nil, attempts: Int,
    lastAttempt: Timestamp? = nil
  ) {
    self.path = path
    self.share = share
    self.state = state
    self.reason = reason
    self.detail = detail
    self.attempts = attempts
    self.lastAttempt = lastAttempt
  }

  package static let form = Form<FailureEntry>.reply(
    "One file that could not be indexed.",
    Self.init,
    Field.path("path", \FailureEntry.path, "Its absolute path."),
    Field("share", \FailureEntry.share, "The share's name.", .someText),
    Field("state", \FailureEntry.state, "failed or quarantined."),
    Field("reason", \FailureEntry.reason, "Why, in one stable word.", .someText),
    Field("detail", \FailureEntry.detail, "Why, in a sentence."),
    Field("attempts", \FailureEntry.attempts, "How often it was tried."),
    Field("last_attempt", \FailureEntry.lastAttempt, "When it was last tried."))
}
