/// Where the questions of a measure come from.
package enum QueryKind: String, Sendable, Codable {
  /// Titles, headings and sentences of passages that nothing was learned from.
  case heldOut = "held-out"
  /// Queries with judgements of people.
  case judged
}
