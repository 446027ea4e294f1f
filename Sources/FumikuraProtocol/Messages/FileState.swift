/// What became of a file.
package enum FileState: String, WireWord, Hashable {
  case indexed
  /// Known, not yet (or again) indexed.
  case waiting
  /// It could not be read; it is tried again when it changes.
  case failed
  /// It is left out on purpose: unsupported, empty, too large, ignored.
  case skipped
  /// It killed the extraction worker twice; left alone until it changes.
  case quarantined
}
