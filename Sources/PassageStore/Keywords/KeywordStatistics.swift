/// Whose texts tell how rare a word is.
package enum KeywordStatistics: Sendable {
  case ofAll
  /// Those that `allowed` lets through, of which there are so many.
  case ofAllowed(passages: Int)
}
