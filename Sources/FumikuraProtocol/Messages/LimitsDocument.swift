/// Sizes that clients count with.
package struct LimitsDocument: WireObject, Hashable {
  package var requestBytes: Int
  package var replyBytes: Int
  package var batch: Int

  package init(requestBytes: Int, replyBytes: Int, batch: Int) {
    self.requestBytes = requestBytes
    self.replyBytes = replyBytes
    self.batch = batch
  }

  package static let form = Form<LimitsDocument>.reply(
    "Sizes.",
    Self.init,
    Field("request_bytes", \LimitsDocument.requestBytes, "Bytes of a request's line."),
    Field("reply_bytes", \LimitsDocument.replyBytes, "Bytes of a reply's line."),
    Field("batch", \LimitsDocument.batch, "Requests of one batch."))
}
