/// Which threads a call runs on, so that what is quick never stands behind what is slow.
enum Lane: Hashable, Sendable {
  /// The event loop itself: the reply is ready.
  case ready
  /// Threads for what takes no time: `health`.
  case quick
  /// Threads for searches and lists.
  case query
  /// Threads for calls that mostly wait: `sync`.
  case waiting
}
