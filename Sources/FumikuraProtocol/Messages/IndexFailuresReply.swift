/// The reply to `index.failures`.
package struct IndexFailuresReply: WireObject, Hashable {
  package var failures: [FailureEntry]
  package var nextCursor: String?

  package init(failures: [FailureEntry], nextCursor: String? = nil) {
    self.failures = failures
    self.nextCursor = nextCursor
  }

  package static let form = Form<IndexFailuresReply>.reply(
    "One page of failed and quarantined files.",
    Self.init,
    Field("failures", \IndexFailuresReply.failures, "The files of this page that the caller may read."),
    Field("next_cursor", \IndexFailuresReply.nextCursor, "Where the next page begins; null after the last."))
}
