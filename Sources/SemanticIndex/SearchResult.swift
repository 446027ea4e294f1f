package import LinuxSystem
package import PassageStore
package import SystemPackage

/// What a search found.
package struct SearchResult: Sendable {
  package var hits: [FoundPassage] = []
  package var times = StageDurations()
  /// The projector whose codes were scanned; nil where source vectors were.
  package var projector: ProjectorRow?
  /// Whether something could not be looked at: a share is offline.
  package var isPartial = false
}

/// One hit: the passage that was found, and its file as it is now.
package struct FoundPassage: Sendable {
  package var passage: PassageDetail
  package var file: FileRow
  package var share: ShareRow
  /// Absolute.
  package var path: FilePath
  /// What the hits are ranked by: a cosine in semantic mode, BM25 in keyword mode, in hybrid mode the cosine
  /// and what the words add (`ScoreFusion`). Where the passages are of several models, the cosine is what it would be on
  /// the scale of the model that most of them are of.
  package var score: Double
  /// Cosine with the query in the space of its model's projector; nil where the passage was found by words alone.
  package var semanticScore: Double?
  /// BM25; nil where the passage was not found by words.
  package var keywordScore: Double?
  package var snippet: String
  /// Ranges of Unicode scalars of the snippet.
  package var highlights: [Range<Int>]
  /// Nil where they could not be asked for (the share is offline).
  package var attributes: FileAttributes?
  /// Whether the file has changed since it was indexed.
  package var isStale: Bool
  /// The model that it was found with; nil where it was found by words alone.
  package var model: SHA256Digest?
}

/// Where a search's time went; nil for a stage that was not needed.
package struct StageDurations: Sendable {
  package var encode: Duration?
  package var scan: Duration?
  package var rescore: Duration?
  package var keyword: Duration?
  package var snippet: Duration?
  package var total: Duration = .zero
}
