/// Why a tree must be compared with the store.
package enum RescanReason: String, Sendable, Hashable {
  /// The share has just come to be watched.
  case start
  /// A directory is new to the share, and files may have come into it before its watch.
  case newDirectory
  /// A directory was renamed: its files did not change, but work on their old paths may have found them gone.
  case moved
  /// The kernel's queue, or our own, was full: any event may be missing.
  case overflow
  /// The watch process ended: events were missed until the next one had added all its watches.
  case watcherDied
  /// The directory cannot be watched, so that it is compared from time to time.
  case polled
}
