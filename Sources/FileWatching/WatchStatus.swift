/// How well a share is watched.
package struct WatchStatus: Sendable, Hashable {
  package enum State: Sendable, Hashable {
    /// Its watches are being set, for the first time or again.
    case starting
    case watching
    /// The watch process ended, and is started again after a while; events are missed until then, and the share rescanned.
    case restarting
    /// Its root was deleted, moved or unmounted: nothing is known of its files, and none is taken for deleted.
    case offline
    case stopped
  }

  package var state: State
  /// Directories whose events come.
  package var watchedDirectories: Int
  /// Directories that could not be watched; they are compared from time to time.
  package var unwatchedDirectories: Int
  /// What the administrator can do about unwatched directories; nil where there are none.
  package var advice: String?
  /// How often events were lost, and the share rescanned.
  package var overflows: Int
  /// How often the watch process was started again.
  package var restarts: Int
}
