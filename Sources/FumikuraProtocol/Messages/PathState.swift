/// What is known of a path that somebody asks about.
package enum PathState: String, WireWord, Hashable {
  case indexed
  case waiting
  case failed
  case skipped
  case quarantined
  /// An ignore rule keeps it out.
  case ignored
  /// In no share.
  case outside
  /// In a share, but no such file is known to this caller.
  case unknown
}
