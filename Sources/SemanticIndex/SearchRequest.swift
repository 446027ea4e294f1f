package import PassageStore

/// What is looked for, among which files, and how it is ranked.
package struct SearchRequest: Sendable {
  /// What the hits should mean.
  package enum Subject: Sendable {
    /// A question or some words: ranked by meaning and by words as `mode` says; words are highlighted.
    case query(String)
    /// All passages of a file, by their mean; the file itself is no hit.
    case file(Int64)
    /// One passage; its file is no hit.
    case passage(Int64)
  }

  package enum Mode: Sendable { case hybrid, semantic, keyword }
  package enum Grouping: Sendable { case file, passage }

  package var subject: Subject
  package var limit = 10
  package var offset = 0
  /// Ids; nil for all.
  package var shares: Set<Int64>?
  /// Matched against the absolute path.
  package var glob: PathGlob?
  package var types: Set<String>?
  /// Nanoseconds since 1970: at or after.
  package var modifiedAfter: Int64?
  /// Nanoseconds since 1970: before.
  package var modifiedBefore: Int64?
  package var mode = Mode.hybrid
  package var grouping = Grouping.file
  package var minimumScore: Double?

  package init(_ subject: Subject) { self.subject = subject }
}
