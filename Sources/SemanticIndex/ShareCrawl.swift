import FileWatching
import LinuxSystem
import PassageStore
import SystemPackage

/// Compares a subtree with the store and queues a look at everything that differs.
struct ShareCrawl {
  let pipeline: IndexingPipeline
  let share: ShareTable.Share
  let root: ShareRoot
  let path: FilePath
  /// The crawl's own ticket, which what it finds inherits.
  let key: SyncLedger.Key

  init(pipeline: IndexingPipeline, share: ShareTable.Share, root: ShareRoot, key: SyncLedger.Key) {
    self.pipeline = pipeline
    self.share = share
    self.root = root
    path = key.path
    self.key = key
  }

  /// Paths queued and directories stored in one transaction.
  private static let batch = 500

  func run() throws {
    switch Finding.at(path, in: root) {
    case .found(let attributes) where attributes.kind == .directory: break
    case .unreadable: return
    case .found, .gone:
      // The root itself gone means an unmounted share, never a deletion of everything.
      if !path.isEmpty { queue([path]) }
      return
    }
    if path.isEmpty {
      try pipeline.noteDirectories(aboveRoot: root)
    }
    var unseen = Dictionary(
      uniqueKeysWithValues: try pipeline.store.files(share: share.id, under: path).map { ($0.path, $0) })
    var directories: [FilePath] = []
    func noteDirectories() throws {
      try pipeline.noteDirectories(directories, in: root, share: share.id)
      directories = []
    }
    var differing: [FilePath] = []
    var unreadable: [FilePath] = []
    let crawler = Crawler()
    try crawler.crawl(root, under: path, ignore: share.ignore) { entry in
      if pipeline.isStopping { throw CancellationError() }
      guard let attributes = entry.attributes, entry.error == nil || attributes.kind == .directory else {
        unseen[entry.path] = nil
        unreadable.append(entry.path)
        differing.append(entry.path)
        return
      }
      if attributes.kind == .directory {
        if entry.error != nil { unreadable.append(entry.path) }
        directories.append(entry.path)
        if directories.count >= Self.batch { try noteDirectories() }
        return
      }
      let stored = unseen.removeValue(forKey: entry.path)
      let action = decide(
        stored: stored.map(StoredState.init(row:)), found: attributes, cause: .crawl, sizeLimit: pipeline.largestFile)
      guard action != .nothing else { return }
      differing.append(entry.path)
      if differing.count >= Self.batch {
        // A directory's permissions are known before what is in it.
        try noteDirectories()
        queue(differing)
        differing = []
      }
    }
    try noteDirectories()
    queue(differing)
    // What the crawl did not meet is gone, or ignored now. Below a directory that could not be read nothing is known.
    queue(
      unseen.keys.filter { path in !unreadable.contains { path.starts(with: $0) } }.sorted { $0.string < $1.string })
  }

  private func queue(_ paths: [FilePath]) {
    pipeline.enqueue(
      paths.map { JobRequest(share: share.id, path: $0, cause: .crawl, notBefore: 0) }, foundBy: key)
  }
}
