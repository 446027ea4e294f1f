/// A passage with its text, for showing.
package struct PassageDetail: Sendable, Hashable {
  package let id: Int64
  package let fileID: Int64
  /// Position in the document, from 0.
  package let ordinal: Int
  package let text: String
  package let heading: String?
  /// From 1, where the format has pages.
  package let page: Int?
  /// In Unicode scalars of the document's joined text.
  package let start: Int
  package let length: Int
  package let vectorID: Int64

  package init(
    id: Int64, fileID: Int64, ordinal: Int, text: String, heading: String?, page: Int?, start: Int, length: Int,
    vectorID: Int64
  ) {
    self.id = id
    self.fileID = fileID
    self.ordinal = ordinal
    self.text = text
    self.heading = heading
    self.page = page
    self.start = start
    self.length = length
    self.vectorID = vectorID
  }
}
