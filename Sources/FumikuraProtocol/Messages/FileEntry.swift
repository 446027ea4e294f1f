/// One file of the index.
package struct FileEntry: WireObject, Hashable {
  package var path: WirePath
  package var share: String
  package var state: FileState
  package var reason: String?
  package var size: Int?
  package var modified: Timestamp?
  package var passages: Int
  package var type: String?

  package init(
    path: WirePath, share: String, state: FileState, reason: String? = nil, size: Int? = nil,
    modified: Timestamp? = nil, passages: Int, type: String? = nil
  ) {
    self.path = path
    self.share = share
    self.state = state
    self.reason = reason
    self.size = size
    self.modified = modified
    self.passages = passages
    self.type = type
  }

  package static let form = Form<FileEntry>.reply(
    "One file.",
    Self.init,
    Field.path("path", \FileEntry.path, "Its absolute path."),
    Field("share", \FileEntry.share, "The share's name.", .someText),
    Field("state", \FileEntry.state, "What became of it."),
    Field("reason", \FileEntry.reason, "Why, in one stable word, where it is not indexed or only in part."),
    Field("size", \FileEntry.size, "Bytes."),
    Field("modified", \FileEntry.modified, "Its modification time."),
    Field("passages", \FileEntry.passages, "Its passages."),
    Field("type", \FileEntry.type, "pdf, docx, html, markdown, text …"))
}
