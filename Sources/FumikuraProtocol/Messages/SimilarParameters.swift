/// Parameters of `similar`: exactly one of path, passage and text is not nil.
package struct SimilarParameters: WireObject, Hashable {
  package var path: WirePath?
  package var passageID: Int?
  package var text: String?
  package var limit: Int
  package var offset: Int
  package var shares: [String]?
  package var pathGlob: String?
  package var types: [String]?
  package var grouping: Grouping
  package var minimumScore: Double?

  package init(
    path: WirePath? = nil, passageID: Int? = nil, text: String? = nil, limit: Int = 10, offset: Int = 0,
    shares: [String]? = nil, pathGlob: String? = nil, types: [String]? = nil, grouping: Grouping = .file,
    minimumScore: Double? = nil
  ) {
    self.path = path
    self.passageID = passageID
    self.text = text
    self.limit = limit
    self.offset = offset
    self.shares = shares
    self.pathGlob = pathGlob
    self.types = types
    self.grouping = grouping
    self.minimumScore = minimumScore
  }

  package static let form = Form<SimilarParameters>.parameters(
    "What the hits should be like: a file, a passage or a text.",
    Self.init,
    Field.path(
      "path", \SimilarParameters.path,
      "An indexed file; it is itself no hit. Shares of other models are searched by some of its text."),
    Field(
      "passage_id", \SimilarParameters.passageID,
      "A passage, as a hit names it; its file is itself no hit.", .count),
    Field("text", \SimilarParameters.text, "A text.", .text(1...10_000)),
    Field("limit", \SimilarParameters.limit, "At most so many hits.", .integer(1...100), whenAbsent: 10),
    Field(
      "offset", \SimilarParameters.offset,
      "So many hits are left out first.", .integer(0...10_000), whenAbsent: 0),
    Field(
      "shares", \SimilarParameters.shares,
      "Names of the shares to look in; null for all.", .list(.text(1...255), count: 1...256)),
    Field(
      "path_glob", \SimilarParameters.pathGlob,
      "Only files whose absolute path matches (`*`, `?`, `[…]` within a name, `**` across).", .text(1...4096)),
    Field(
      "types", \SimilarParameters.types,
      "Only files of these types, such as pdf, docx, html, markdown, text.", .list(.text(1...64), count: 1...64)),
    Field("group_by", \SimilarParameters.grouping, "What one hit stands for.", whenAbsent: .file),
    Field("min_score", \SimilarParameters.minimumScore, "Only hits with at least this score.", .number(-1...1)),
    exactlyOneOf: ["path", "path_b64", "passage_id", "text"])
}
