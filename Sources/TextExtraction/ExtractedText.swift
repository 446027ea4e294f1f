/// What a document says, in the order in which a person reads it.
package struct ExtractedText: Codable, Sendable, Equatable {
  /// "pdf", "docx", "html", "markdown" or "text".
  package var type: String
  /// What the document calls itself, where it does.
  package var title: String?
  package var blocks: [Block]
  /// Why the text is not all of the document's: "limit", "deadline", "malformed"; nil where it is.
  package var partial: String?

  package init(type: String, title: String? = nil, blocks: [Block], partial: String? = nil) {
    self.type = type
    self.title = title
    self.blocks = blocks
    self.partial = partial
  }

  /// The document as one text. `CutPassage.start` and `.length` count Unicode scalars in it.
  package func joinedText() -> String { JoinedText(blocks).text }
}
