import LinuxSystem
import SystemPackage

/// What is watched: directories are opened, watched, and listed once their watch stands.
extension WatchLoop {
  /// Directories that may be asked for at once: each holds a descriptor, here and on its way.
  private static var askedAtOnce: Int { 64 }

  var canPump: Bool { process != nil && !queue.isEmpty && asked.count < Self.askedAtOnce }

  /// Watches a share, in place of what was watched under its id.
  func begin(_ share: ShareToWatch) {
    if let former = trees[share.id] { takeOffline(former) }
    let tree = ShareTree(share: share, ignore: settings.ignore)
    trees[share.id] = tree
    tree.root = newNode(in: tree)
    watchAgain(tree, reason: .start)
  }

  /// Watches and lists all of a share, known or not.
  func watchAgain(_ tree: ShareTree, reason: RescanReason = .watcherDied) {
    guard let root = tree.root else { return }
    guard tree.isAtItsPlace else { return takeOffline(tree) }
    startJob(root, reason, isFull: true)
  }

  /// Directories that were refused are tried again, each with all beneath it.
  func pollRefused() {
    guard process != nil else { return }
    for tree in trees.values {
      let tops = tree.refused.values.filter { node in
        var above = node.parent
        while let directory = above {
          if tree.refused[directory.id] != nil { return false }
          above = directory.parent
        }
        return !node.isCovered
      }
      for top in tops { startJob(top, .polled, isFull: true) }
    }
  }

  /// All watches are gone with their process.
  func forgetWatches() {
    queue = WorkQueue()
    asked = [:]
    for job in jobs.values { job.isFinished = true }
    jobs = [:]
    for node in nodes.values { node.watch = .none }
    for tree in trees.values {
      tree.standing = 0
      tree.refused = [:]
      tree.isComplete = false
    }
  }

  /// The root is not there any more: nothing that happens means that files were deleted.
  func takeOffline(_ tree: ShareTree) {
    if let root = tree.root { detach(root) }
    tree.root = nil
    coalescer.forget(share: tree.share.id)
    pendingMoves = pendingMoves.filter { move in
      guard move.value.share == tree.share.id else { return true }
      move.value.node.map(detach)
      return false
    }
    outbox.removeAll { $0.share == tree.share.id }
  }

  // MARK: Jobs

  func startJob(_ top: DirectoryNode, _ reason: RescanReason, isFull: Bool) {
    let job = WatchJob(number: nextJob, top: top, reason: reason, isFull: isFull)
    nextJob += 1
    jobs[job.number] = job
    enqueue(top, job)
  }

  private func enqueue(_ node: DirectoryNode, _ job: WatchJob) {
    job.outstanding += 1
    node.job = job
    queue.append(node, job)
  }

  private func finishOne(_ job: WatchJob) {
    job.outstanding -= 1
    guard job.outstanding == 0 else { return }
    job.isFinished = true
    jobs[job.number] = nil
    var successor: Int?
    if !job.top.isDetached {
      outbox.append(.rescan(share: job.top.tree.share.id, under: job.top.filePath, reason: job.reason))
      if job.top.isRoot { job.top.tree.isComplete = true }
      if job.mustRepeat {
        successor = nextJob
        startJob(job.top, .overflow, isFull: true)
      }
    }
    jobEnded(job.number, followedBy: successor)
  }

  /// Opens directories and asks for their watches, as long as there are few on their way.
  func pump() {
    while canPump, let process, let (node, job) = queue.popFirst() {
      if node.isDetached {
        finishOne(job)
        continue
      }
      if let inFlight = asked[node.id] {
        inFlight.laterJobs.append(job)
        continue
      }
      do throws(LinuxError) {
        let descriptor = try node.tree.share.root.open(node.filePath, for: .listing)
        node.identity = FileIdentity(try FileAttributes.of(descriptor: descriptor.rawValue))
        let directory = AskedDirectory(node: node, job: job, descriptor: descriptor)
        guard node.watch == .standing || standingWatches < settings.watchBudget else {
          settle(node, .refused(.noSpace))
          list(directory)
          finishOne(job)
          continue
        }
        try process.add(node.id, directory: directory.descriptor)
        asked[node.id] = directory
      } catch {
        if Finding.isAbsence(error) {
          // Gone by now, or moved, or no directory; where events are to tell of it, they are still to come.
          if node.isRoot {
            takeOffline(node.tree)
          } else {
            node.parent?.missedDirectory()
            detach(node)
          }
        } else {
          settle(node, .refused(error.code))
        }
        finishOne(job)
      }
    }
  }

  /// The watch process has said whether the directory is watched.
  func answered(_ id: UInt32, refusal: Errno?) {
    guard let directory = asked.removeValue(forKey: id) else { return }
    let node = directory.node
    if !node.isDetached {
      settle(node, refusal.map { .refused($0) } ?? .standing)
      list(directory)
    }
    finishOne(directory.job)
    for job in directory.laterJobs { queue.append(node, job) }
  }

  private var standingWatches: Int { trees.values.reduce(asked.count) { $0 + $1.standing } }

  /// Stores how the watch of a directory stands, and counts it.
  private func settle(_ node: DirectoryNode, _ watch: DirectoryNode.Watch) {
    if node.watch == .standing { node.tree.standing -= 1 }
    node.tree.refused[node.id] = nil
    node.watch = watch
    switch watch {
    case .none: break
    case .standing: node.tree.standing += 1
    case .refused: node.tree.refused[node.id] = node
    }
  }

  /// Takes in the directories of a directory whose watch stands, or never will.
  private func list(_ directory: AskedDirectory) {
    let (node, job) = (directory.node, directory.job)
    let path = node.path
    var found: Set<[UInt8]> = []
    do throws(LinuxError) {
      try DirectoryListing.read(directory.descriptor, of: node.filePath) { name, kind in
        guard kind != .other, !node.tree.ignore.ignoresEntry(joined(path, name), isDirectory: true) else { return }
        guard kind == .directory || DirectoryListing.isDirectory(name, in: directory.descriptor) else { return }
        found.insert(name)
      }
    } catch {
      release(node)
      return settle(node, .refused(error.code))
    }
    if job.isFull {
      node.mayLackDirectories = false
      for (name, child) in node.children where !found.contains(name) { detach(child) }
    }
    for name in found {
      if let child = node.children[name] {
        if job.isFull { enqueue(child, job) }
      } else {
        enqueue(newNode(in: node.tree, parent: node, name: name), job)
      }
    }
  }

  // MARK: Nodes

  func newNode(in tree: ShareTree, parent: DirectoryNode? = nil, name: [UInt8] = []) -> DirectoryNode {
    let node = DirectoryNode(id: nextID, tree: tree, parent: parent, name: name)
    nodes[nextID] = node
    nextID += 1
    return node
  }

  /// Forgets a directory and all beneath it, and lets go of their watches.
  func detach(_ node: DirectoryNode) {
    node.detach { gone in
      nodes[gone.id] = nil
      release(gone)
      settle(gone, .none)
    }
  }

  /// Lets go of the watch of a directory, where it has one.
  private func release(_ node: DirectoryNode) {
    guard node.watch == .standing || asked[node.id] != nil else { return }
    do throws(LinuxError) {
      try process?.remove(node.id)
    } catch {
      // The watch stays, and its events are of an id that nobody knows: they are dropped.
    }
  }

  /// Events are missing, of any directory: some may be new, gone, or have lost their watch unnoticed.
  func eventsWereLost() {
    expireMoves { _ in true }
    renewCookies()
    for tree in trees.values {
      tree.overflows += 1
      guard let root = tree.root else { continue }
      if let job = root.job, !job.isFinished, job.isFull, job.top === root {
        job.mustRepeat = true
      } else {
        watchAgain(tree, reason: .overflow)
      }
    }
  }
}
