/// The reply to `sync`.
package struct SyncReply: WireObject, Hashable {
  package var epoch: Int
  package var tookMilliseconds: Double

  package init(epoch: Int, tookMilliseconds: Double) {
    self.epoch = epoch
    self.tookMilliseconds = tookMilliseconds
  }

  package static let form = Form<SyncReply>.reply(
    "Everything that had happened before the call is searchable.",
    Self.init,
    Field("epoch", \SyncReply.epoch, "Goes up whenever a share had to be scanned again because events were lost."),
    Field("took_ms", \SyncReply.tookMilliseconds, "How long it took."))
}
