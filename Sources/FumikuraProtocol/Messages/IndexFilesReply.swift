/// The reply to `index.files`.
package struct IndexFilesReply: WireObject, Hashable {
  package var files: [FileEntry]
  package var nextCursor: String?

  package init(files: [FileEntry], nextCursor: String? = nil) {
    self.files = files
    self.nextCursor = nextCursor
  }

  package static let form = Form<IndexFilesReply>.reply(
    "One page of files: those that are known, in the order in which they became so, then the paths that wait.",
    Self.init,
    Field("files", \IndexFilesReply.files, "The files of this page that the caller may read."),
    Field("next_cursor", \IndexFilesReply.nextCursor, "Where the next page begins; null after the last."))
}
