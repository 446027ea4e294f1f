/// One thing that was found.
package struct Hit: WireObject, Hashable {
  package var path: WirePath
  package var share: String
  package var score: Double
  package var semanticScore: Double?
  package var keywordScore: Double?
  package var snippet: Snippet
  package var page: Int?
  package var heading: String?
  package var title: String?
  package var modified: Timestamp?
  package var type: String
  package var size: Int?
  package var passageID: Int
  package var isStale: Bool

  package init(
    path: WirePath, share: String, score: Double, semanticScore: Double? = nil, keywordScore: Double? = nil,
    snippet: Snippet, page: Int? = nil, heading: String? = nil, title: String? = nil, modified: Timestamp? = nil,
    type: String, size: Int? = nil, passageID: Int, isStale: Bool
  ) {
    self.path = path
    self.share = share
    self.score = score
    self.semanticScore = semanticScore
    self.keywordScore = keywordScore
    self.snippet = snippet
    self.page = page
    self.heading = heading
    self.title = title
    self.modified = modified
    self.type = type
    self.size = size
    self.passageID = passageID
    self.isStale = isStale
  }

  package static let form = Form<Hit>.reply(
    "One file or passage that was found.",
    Self.init,
    Field.path("path", \Hit.path, "The file's absolute path."),
    Field("share", \Hit.share, "The share's name.", .someText),
    Field(
      "score", \Hit.score,
      "What the hits are ranked by; where shares have different models, on the scale of the one with the most passages."
    ),
    Field(
      "semantic_score", \Hit.semanticScore,
      "Cosine with the query, in its own model's space; null where the passage was found by words alone."),
    Field(
      "keyword_score", \Hit.keywordScore,
      "BM25; null where it was not found by words, and for all but administrators."),
    Field("snippet", \Hit.snippet, "The part of the passage that fits best."),
    Field("page", \Hit.page, "The page, from 1, where the type has pages."),
    Field("heading", \Hit.heading, "The heading the passage stands under."),
    Field("title", \Hit.title, "The document's title."),
    Field("modified", \Hit.modified, "The file's modification time."),
    Field("type", \Hit.type, "pdf, docx, html, markdown, text …", .someText),
    Field("size", \Hit.size, "The file's bytes."),
    Field("passage_id", \Hit.passageID, "The passage's number."),
    Field("stale", \Hit.isStale, "Whether the file has changed since it was indexed."))
}
