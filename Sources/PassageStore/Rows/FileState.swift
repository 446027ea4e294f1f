/// What became of a file. A file that nobody has looked at yet has no row: it is a pending job.
package enum FileState: String, Sendable, Hashable, CaseIterable, Codable {
  /// Its passages are searchable.
  case indexed
  /// It has no text for us (an unsupported type, empty, binary): nothing is wrong.
  case skipped
  /// It should have had text and gave none (malformed, encrypted, too large, past the deadline).
  case failed
  /// It killed the worker more than once: not tried again until it changes or someone asks.
  case quarantined
}
