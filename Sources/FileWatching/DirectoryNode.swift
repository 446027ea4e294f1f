import LinuxSystem
import SystemPackage

/// A directory of a share that is watched, or should be. Confined to the watching thread.
final class DirectoryNode {
  enum Watch: Equatable {
    /// Not yet asked for, or lost with the process.
    case none
    case standing
    case refused(Errno)
  }

  /// Its number in the watch process; never used again.
  let id: UInt32
  unowned let tree: ShareTree
  private(set) unowned var parent: DirectoryNode?
  private(set) var children: [[UInt8]: DirectoryNode] = [:]
  /// The last component, or the whole path where there is no parent: empty for a root, the former path for a directory
  /// that was moved away and has not arrived yet.
  private var name: [UInt8]
  /// Of the directory that was last opened under its path; nil before.
  var identity: FileIdentity?
  var watch = Watch.none
  /// The last job that took it in.
  var job: WatchJob?
  /// No longer part of the share.
  private(set) var isDetached = false
  /// Whether a directory beneath was not at its path when it was to be watched. Gone, or else one above it has been
  /// renamed, of which the event is still to come; nothing will tell of the one beneath again.
  var mayLackDirectories = false

  init(id: UInt32, tree: ShareTree, parent: DirectoryNode? = nil, name: [UInt8] = []) {
    self.id = id
    self.tree = tree
    self.name = name
    self.parent = parent
    parent?.children[name] = self
  }

  var isRoot: Bool { tree.root === self }

  /// Relative to the root of the share.
  var path: [UInt8] {
    guard let parent else { return name }
    return joined(parent.path, name)
  }

  /// The name in its parent; meaningless where there is none.
  var lastComponent: [UInt8] { name }

  var filePath: FilePath { FilePath(bytes: path) }

  /// Whether a job that will end in a rescan of it, or of a directory above, is under way.
  var isCovered: Bool { job.map { !$0.isFinished } ?? false }

  /// Notes, here and above, that a directory in it was not found at its path.
  func missedDirectory() {
    var node: DirectoryNode? = self
    while let current = node {
      current.mayLackDirectories = true
      node = current.parent
    }
  }

  /// Takes it, with all beneath it, out of its parent; it keeps its path for the time being.
  func float() {
    let path = path
    parent?.children[name] = nil
    parent = nil
    name = path
  }

  /// Puts it under a directory, where nothing of that name may be.
  func attach(to newParent: DirectoryNode, as newName: [UInt8]) {
    precondition(newParent.children[newName] == nil && parent == nil)
    newParent.children[newName] = self
    parent = newParent
    name = newName
  }

  /// Ends it and all beneath it; each is handed to `each`.
  func detach(_ each: (DirectoryNode) -> Void) {
    float()
    var open = [self]
    while let node = open.popLast() {
      open.append(contentsOf: node.children.values)
      node.isDetached = true
      node.job = nil
      each(node)
    }
    // From here down nobody holds them; taken apart level by level, since a deep tree would end recursively.
    open = [self]
    while let node = open.popLast() {
      open.append(contentsOf: node.children.values)
      node.children = [:]
    }
  }
}
