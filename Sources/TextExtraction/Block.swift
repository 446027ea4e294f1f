/// One piece of a document that stands by itself: a heading, a paragraph, an item of a list, a row of a table, code.
package struct Block: Codable, Sendable, Equatable {
  package enum Kind: Codable, Sendable, Hashable {
    /// 1 is the outermost level.
    case heading(level: Int)
    case paragraph
    case listItem
    /// The cells of one row, joined by " | ".
    case tableRow
    /// Lines whose breaks and blanks matter.
    case code
  }

  package var kind: Kind
  /// Without blanks at its ends. Holds line breaks only where the author meant them: a wrapped line is joined to the next.
  package var text: String
  /// Counted from 1, in formats that have pages.
  package var page: Int?

  package init(kind: Kind, text: String, page: Int? = nil) {
    self.kind = kind
    self.text = text
    self.page = page
  }
}
