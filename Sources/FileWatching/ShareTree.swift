import LinuxSystem
import SystemPackage

/// What is watched of one share. Confined to the watching thread.
final class ShareTree {
  let share: ShareToWatch
  let ignore: IgnoreRules
  /// Nil while the share is offline.
  var root: DirectoryNode?
  /// Whether it was fully watched since the watch process was started.
  var isComplete = false
  var standing = 0
  var refused: [UInt32: DirectoryNode] = [:]
  var overflows = 0

  init(share: ShareToWatch, ignore: IgnoreRules) {
    self.share = share
    self.ignore = share.ignore ?? ignore
  }

  /// Whether the configured path still leads to the directory that was opened as the root.
  var isAtItsPlace: Bool {
    // Any error means that the path does not lead there now.
    guard let there = try? ShareRoot(path: share.root.path) else { return false }
    return there.attributes.inode == share.root.attributes.inode
      && there.attributes.device == share.root.attributes.device
  }
}
