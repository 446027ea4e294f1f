/// The reply to `index.why`.
package struct IndexWhyReply: WireObject, Hashable {
  package var path: WirePath
  package var share: String?
  package var state: PathState
  package var reason: String?
  package var detail: String?
  package var passages: Int?
  package var attempts: Int?
  package var indexed: Timestamp?
  package var history: [HistoryEntry]

  package init(
    path: WirePath, share: String? = nil, state: PathState, reason: String? = nil, detail: String? = nil,
    passages: Int? = nil, attempts: Int? = nil, indexed: Timestamp? = nil, history: [HistoryEntry]
  ) {
    self.path = path
    self.share = share
    self.state = state
    self.reason = reason
    self.detail = detail
    self.passages = passages
    self.attempts = attempts
    self.indexed = indexed
    self.history = history
  }

  package static let form = Form<IndexWhyReply>.reply(
    "What is known of a path.",
    Self.init,
    Field.path("path", \IndexWhyReply.path, "The path that was asked about."),
    Field("share", \IndexWhyReply.share, "The share it is in."),
    Field("state", \IndexWhyReply.state, "How it stands."),
    Field("reason", \IndexWhyReply.reason, "Why, in one stable word."),
    Field("detail", \IndexWhyReply.detail, "Why, in a sentence."),
    Field("passages", \IndexWhyReply.passages, "Its passages."),
    Field("attempts", \IndexWhyReply.attempts, "How often its extraction was tried since it changed."),
    Field("indexed", \IndexWhyReply.indexed, "When it was last indexed."),
    Field("history", \IndexWhyReply.history, "What was done with it, latest first."))
}
