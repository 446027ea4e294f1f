import Glibc
import LinuxSystem
import SystemPackage

/// What happens in watched directories, one event at a time, in the kernel's order.
///
/// An event is old when it comes: the path may be something else by now. Of files nothing is known here, and a hint is
/// all that follows. Of directories, what is there now is looked at, and compared with what was known.
extension WatchLoop {
  func eventCame(_ id: UInt32, mask: UInt32, cookie: UInt32, name: [UInt8]) {
    guard let node = nodes[id] else { return }
    func has(_ bit: CInt) -> Bool { mask & UInt32(bitPattern: bit) != 0 }
    guard !name.isEmpty else { return directoryItself(node, has) }
    let path = joined(node.path, name)
    let isDirectory = has(IN_ISDIR)
    if node.tree.ignore.ignoresEntry(path, isDirectory: isDirectory) {
      // What leaves our sight by this name was never in it; what comes from an ignored name is new.
      return
    }
    let share = node.tree.share.id
    if has(IN_MOVED_FROM) {
      let child = isDirectory ? node.children[name] : nil
      child?.float()
      let key = PendingMove.Key(share: share, cookie: cookie)
      // A directory that is in the share twice tells twice.
      pendingMoves.removeValue(forKey: key).map(expire)
      pendingMoves[key] = PendingMove(
        number: nextMove, share: share, path: path, isDirectory: isDirectory, node: child,
        deadline: now + settings.moveGrace)
      nextMove += 1
    } else if has(IN_MOVED_TO) {
      movedTo(node, name, path, cookie: cookie, isDirectory: isDirectory)
    } else if isDirectory {
      if has(IN_CREATE) {
        reconcile(node, name)
      } else if has(IN_DELETE) {
        node.children[name].map(detach)
        coalescer.note(share: share, path: path, .content, at: now)
      } else if has(IN_ATTRIB), node.children[name]?.watch != .standing {
        // A watched directory tells of itself. This one cannot; and perhaps it may be watched now.
        coalescer.note(share: share, path: path, .directoryAttributes, at: now)
        reconcile(node, name)
      }
    } else {
      coalescer.note(share: share, path: path, has(IN_ATTRIB) ? .look : .content, at: now)
    }
  }

  /// An event of the watched directory itself.
  private func directoryItself(_ node: DirectoryNode, _ has: (CInt) -> Bool) {
    if has(IN_DELETE_SELF) || has(IN_MOVE_SELF) || has(IN_UNMOUNT) {
      guard let parent = node.parent else {
        // One that floats is told of by the other half of its move.
        if node.isRoot { takeOffline(node.tree) }
        return
      }
      // Otherwise the directory above tells; but it does not see a file system go, nor anything where it is not watched.
      if has(IN_UNMOUNT) || parent.watch != .standing { reconcile(parent, node.lastComponent) }
    } else if has(IN_ATTRIB) {
      coalescer.note(share: node.tree.share.id, path: node.path, .directoryAttributes, at: now)
    }
  }

  private func movedTo(
    _ directory: DirectoryNode, _ name: [UInt8], _ path: [UInt8], cookie: UInt32, isDirectory: Bool
  ) {
    let share = directory.tree.share.id
    // From outside, from an ignored name, or from another share, where it expires: it is new here.
    guard let move = pendingMoves.removeValue(forKey: PendingMove.Key(share: share, cookie: cookie)) else {
      return isDirectory ? reconcile(directory, name) : coalescer.note(share: share, path: path, .content, at: now)
    }
    outbox.append(
      .moved(share: share, from: FilePath(bytes: move.path), to: FilePath(bytes: path), directory: isDirectory))
    coalescer.rename(share: share, from: move.path, to: path, isDirectory: isDirectory)
    guard isDirectory else {
      // Its content is what it was, and needs no read where it was known; the look proves it.
      return coalescer.note(share: share, path: path, .look, at: now)
    }
    arrive(move.node, at: directory, name)
  }

  /// A directory that we knew, or not, has come under a new name: if it is what is there now, it stays watched.
  private func arrive(_ node: DirectoryNode?, at directory: DirectoryNode, _ name: [UInt8]) {
    let path = joined(directory.path, name)
    guard let node, !node.isDetached else { return reconcile(directory, name) }
    let isThere: Bool
    if case .found(let there) = Finding.at(FilePath(bytes: path), in: directory.tree.share.root) {
      isThere = there.kind == .directory && (node.identity == nil || node.identity == FileIdentity(there))
    } else {
      isThere = false
    }
    if let other = directory.children[name] {
      // A listing found it here before its move was told.
      if isThere && other.identity == node.identity && other.watch == .standing {
        detach(node)
        return reconcile(directory, name)
      }
      detach(other)
    }
    guard isThere else {
      detach(node)
      return reconcile(directory, name)
    }
    node.attach(to: directory, as: name)
    // Directories beneath it that are not watched yet belong to a job whose rescan may end elsewhere, or were looked for
    // under the old path in vain; and other names above may mean other rules.
    if node.mayLackDirectories || node.isCovered || node.watch != .standing || node.tree.ignore.dependsOnDirectories {
      startJob(node, .moved, isFull: true)
    } else {
      outbox.append(.rescan(share: node.tree.share.id, under: FilePath(bytes: path), reason: .moved))
    }
  }

  /// Something happened to a name that was, or is, a directory's: looks at what is there, and begins to watch it where it
  /// is a directory that is not.
  private func reconcile(_ parent: DirectoryNode, _ name: [UInt8]) {
    let tree = parent.tree
    let path = FilePath(bytes: joined(parent.path, name))
    let known = parent.children[name]
    guard case .found(let there) = Finding.at(path, in: tree.share.root), there.kind == .directory else {
      known.map(detach)
      parent.missedDirectory()
      return coalescer.note(share: tree.share.id, path: path.bytes, .content, at: now)
    }
    if let known, known.identity == nil || known.identity == FileIdentity(there) {
      // Its rescan is still to come.
      if known.isCovered { return }
      if known.watch == .standing {
        // The store may have moved away what it knew of it, for another directory that had this name.
        return outbox.append(.rescan(share: tree.share.id, under: path, reason: .newDirectory))
      }
      return startJob(known, .newDirectory, isFull: false)
    }
    known.map(detach)
    startJob(newNode(in: tree, parent: parent, name: name), .newDirectory, isFull: false)
  }

  // MARK: Moves without an arrival

  func expireMoves(where isOver: (PendingMove) -> Bool) {
    for (key, move) in pendingMoves.sorted(by: { $0.value.number < $1.value.number }) where isOver(move) {
      pendingMoves[key] = nil
      expire(move)
    }
  }

  private func expire(_ move: PendingMove) {
    move.node.map(detach)
    coalescer.note(share: move.share, path: move.path, .content, at: now)
  }
}
