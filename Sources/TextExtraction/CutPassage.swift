/// A stretch of a document that is encoded, stored and found as one.
package struct CutPassage: Sendable, Equatable {
  /// What is encoded: exactly the stretch `start ..< start + length` of the document's joined text.
  package let text: String
  /// The heading of the section that the passage is in. The section's first passage also begins with it.
  package let heading: String?
  /// The page of its first word.
  package let page: Int?
  /// In Unicode scalars of `ExtractedText.joinedText()`.
  package let start: Int
  package let length: Int

  package init(text: String, heading: String?, page: Int?, start: Int, length: Int) {
    self.text = text
    self.heading = heading
    self.page = page
    self.start = start
    self.length = length
  }
}
