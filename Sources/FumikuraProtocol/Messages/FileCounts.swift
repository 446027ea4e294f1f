/// Files of a share by their state.
package struct FileCounts: WireObject, Hashable {
  package var indexed: Int
  package var waiting: Int
  package var failed: Int
  package var skipped: Int
  package var quarantined: Int

  package init(indexed: Int, waiting: Int, failed: Int, skipped: Int, quarantined: Int) {
    self.indexed = indexed
    self.waiting = waiting
    self.failed = failed
    self.skipped = skipped
    self.quarantined = quarantined
  }

  package static let form = Form<FileCounts>.reply(
    "Files by state.",
    Self.init,
    Field("indexed", \FileCounts.indexed, "Indexed files."),
    Field("waiting", \FileCounts.waiting, "Waiting files."),
    Field("failed", \FileCounts.failed, "Failed files."),
    Field("skipped", \FileCounts.skipped, "Skipped files."),
    Field("quarantined", \FileCounts.quarantined, "Quarantined files."))
}
