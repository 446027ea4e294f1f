/// A few words of a passage, with what to make stand out.
package struct Snippet: WireObject, Hashable {
  package var text: String
  package var highlights: [Highlight]

  package init(text: String, highlights: [Highlight]) {
    self.text = text
    self.highlights = highlights
  }

  package static let form = Form<Snippet>.reply(
    "A few words of the passage.",
    Self.init,
    Field("text", \Snippet.text, "The words."),
    Field("highlights", \Snippet.highlights, "What of it to make stand out: [start, length] in Unicode scalars."))
}
