/// A MOVED_FROM whose MOVED_TO has not come (yet). Confined to the watching thread.
struct PendingMove {
  /// inotify's cookie, within one share: a directory that is in two shares tells each.
  struct Key: Hashable {
    let share: Int64
    let cookie: UInt32
  }

  /// Counts up in the order of events.
  let number: Int
  let share: Int64
  let path: [UInt8]
  let isDirectory: Bool
  /// What was known there.
  let node: DirectoryNode?
  /// When it is taken for a move out of what we watch.
  let deadline: Duration
}
