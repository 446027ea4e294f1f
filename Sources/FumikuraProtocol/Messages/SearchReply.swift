/// The reply to `search` and `similar`.
package struct SearchReply: WireObject, Hashable {
  package var hits: [Hit]
  package var took: StageTimes
  package var epoch: Int
  package var projector: ProjectorInForce?
  package var isPartial: Bool
  package var pending: Int?

  package init(
    hits: [Hit], took: StageTimes, epoch: Int, projector: ProjectorInForce? = nil, isPartial: Bool,
    pending: Int? = nil
  ) {
    self.hits = hits
    self.took = took
    self.epoch = epoch
    self.projector = projector
    self.isPartial = isPartial
    self.pending = pending
  }

  package static let form = Form<SearchReply>.reply(
    "The hits, best first.",
    Self.init,
    Field("hits", \SearchReply.hits, "The hits, best first."),
    Field("took_ms", \SearchReply.took, "Where the time went, in milliseconds."),
    Field("epoch", \SearchReply.epoch, "Goes up whenever a share had to be scanned again because events were lost."),
    Field(
      "projector", \SearchReply.projector,
      "The projector that ranked the passages; null while source vectors are compared themselves."),
    Field(
      "partial", \SearchReply.isPartial,
      "Whether something was left out: a share is offline, or a wait ended too early."),
    Field("pending", \SearchReply.pending, "Files not yet indexed; null for a caller who may not know."))
}
