import Configuration
import FileWatching
import Foundation
import LinearAlgebra
import LinuxSystem
import Logging
import PassageStore
import RateReduction
import SentenceEncoder
import Synchronization
import SystemPackage
import TextExtraction

/// Takes hints about paths to searchable passages: queue, decide, read, extract, cut, encode, commit.
///
/// Hints are written to the queue before anything is done about them. Each indexing thread takes one job at a time; the
/// file's outcome and the end of the job are one transaction, after which the picture in memory follows. A job that
/// somebody may be waiting for (an event, not a crawl) is taken up between two slices of a long one.
final class IndexingPipeline: Sendable {
  let store: PassageStore
  let live: ReadWriteLock<LiveIndex>
  let shares: ShareTable
  let ledger: SyncLedger
  let models: ModelShelf
  private let extraction: ExtractionPool
  let largestFile: Int64
  private let logger: Logger
  /// Runs after everything that was done, for those who watch the corpus grow and come to rest.
  private let worked: @Sendable () -> Void

  /// Held from making a file's codes to showing them to search, and while another projector comes into force: so codes
  /// are always those of the projector that search uses, and passage ids reach the memory in order.
  private let commitLock = NSLock()
  /// Held while a job is queued and noted in the ledger, and while a job's end is: so what is queued has its ticket.
  private let queueLock = NSLock()
  private let unwritten = Mutex(UnwrittenWork())

  let passagesEncoded = Atomic<Int>(0)
  let passagesReused = Atomic<Int>(0)
  /// The last trouble that keeps files from being indexed at all (a full disk), for `health`.
  let trouble = Mutex<String?>(nil)

  /// Troubles that were logged since the last success.
  private let reported = Mutex<Set<String>>([])

  private let stopping = Atomic<Bool>(false)
  /// Set when something was queued that somebody may be waiting for.
  private let urgent = Atomic<Bool>(false)
  // A condition variable: signalled when jobs were queued or the pipeline stops.
  private let wake = NSCondition()
  private let indexers: WorkerThreads
  private let crawlers: WorkerThreads
  private let indexerCount: Int
  private let retries = Mutex<[SyncLedger.Key: Int]>([:])

  /// Rewrites of a file while it is read after which it is indexed as it stands.
  private static let patience = 3
  /// Daemon deaths during one extraction after which the file is given up.
  private static let fatalAttempts = 5

  init(
    store: PassageStore, live: ReadWriteLock<LiveIndex>, shares: ShareTable, ledger: SyncLedger, models: ModelShelf,
    extraction: ExtractionPool, configuration: DaemonConfiguration, logger: Logger,
    worked: @escaping @Sendable () -> Void
  ) {
    self.store = store
    self.live = live
    self.shares = shares
    self.ledger = ledger
    self.models = models
    self.extraction = extraction
    largestFile = Int64(configuration.extract.largestFile)
    self.logger = logger
    self.worked = worked
    indexerCount = max(1, ProcessInfo.processInfo.activeProcessorCount)
    indexers = WorkerThreads(name: "index", count: indexerCount, priority: .indexing)
    crawlers = WorkerThreads(name: "crawl", count: 1, priority: .indexing)
  }

  /// Takes up what was left when the last process ended, and starts the threads.
  func start() throws {
    try store.resetClaims()
    // What a share without a model waits for is not known to come: nobody waits for it either.
    for share in shares.all where share.encodingModel(models) != nil { try adoptJobs(of: share.id) }
    for _ in 0..<indexerCount { indexers.submit { [self] in run() } }
  }

  /// Gives the jobs of a share tickets.
  func adoptJobs(of share: Int64) throws {
    try queueLock.withLock {
      var cursor: Int64?
      while true {
        let jobs = try store.pendingJobs(share: share, after: cursor, limit: 1000)
        guard let last = jobs.last else { return }
        ledger.open(jobs.map { SyncLedger.Key(share: $0.share, path: $0.path) })
        cursor = last.id
      }
    }
  }

  /// Ends after the slice in hand; what is not finished stays in the queue.
  func stop() {
    stopping.store(true, ordering: .relaxed)
    wake.withLock { wake.broadcast() }
    indexers.stop()
    crawlers.stop()
  }

  /// Waits for the slice in hand, for up to `patience` seconds.
  func awaitEnd(patience: TimeInterval) {
    indexers.awaitEnd(patience: patience)
    crawlers.awaitEnd(patience: patience)
  }

  // MARK: Hints

  /// Writes hints to the queue. Called from the watcher's thread, in order.
  func accept(_ hints: [Hint]) {
    CrashPoint.reach(.hintsReceived)
    var requests: [JobRequest] = []
    func flush() {
      enqueue(requests)
      requests = []
    }
    for hint in hints {
      switch hint {
      case .look(let share, let path, let contentEvent):
        requests.append(JobRequest(share: share, path: path, cause: contentEvent ? .content : .look, notBefore: 0))
      case .moved(let share, let from, let to, let directory):
        flush()
        move(share: share, from: from, to: to, directory: directory)
      case .rescan(let share, let path, let reason):
        flush()
        rescan(share: share, under: path, reason: reason)
      case .attributes(let share, let directory):
        flush()
        refreshDirectory(share: share, directory)
      }
    }
    flush()
  }

  /// Queues looks at paths and wakes the threads.
  func enqueue(_ requests: [JobRequest], foundBy crawl: SyncLedger.Key? = nil) {
    guard !requests.isEmpty else { return }
    let keys = requests.map { SyncLedger.Key(share: $0.share, path: $0.path) }
    do {
      try queueLock.withLock {
        ledger.open(keys, foundBy: crawl)
        try store.enqueue(requests)
      }
    } catch StoreError.unknownShare {
      // It was dropped from the configuration meanwhile.
      for key in keys { ledger.close(key) }
    } catch {
      report(error, while: "queueing \(requests.count) paths")
      keep(requests)
    }
    CrashPoint.reach(.jobsQueued)
    if requests.contains(where: { $0.cause != .crawl }) { urgent.store(true, ordering: .relaxed) }
    wake.withLock { wake.broadcast() }
  }

  private func move(share id: Int64, from: FilePath, to: FilePath, directory: Bool) {
    guard let share = shares[id], let root = share.root else { return }
    attempt("moving \(root.absolute(from)) to \(root.absolute(to))") {
      pausingCommits {
        // A name's ending may tell how a text is to be understood: under another, it is read as a new file.
        guard directory || from.extension?.lowercased() == to.extension?.lowercased() else { return }
        let moved = try? store.move(share: id, from: from, to: to, directory: directory)
        // A failed move is no loss: the looks below find the old path gone and the new one there.
        guard let moved else { return }
        live.write { live in
          live.remove(passages: moved.replaced.passages)
          for file in moved.replaced.files { live.removeFile(file) }
          for file in moved.files { live.put(file, root: root.path) }
        }
      }
      if directory { try adoptMovedJobs(share: id, under: to) }
    }
    // Work on the old path may be under way, and store a file there that is gone. The new path's look follows by itself.
    enqueue([JobRequest(share: id, path: from, cause: .look, notBefore: 0)])
  }

  /// The store moved the jobs of a directory with it: `sync` must wait for them under their new paths.
  private func adoptMovedJobs(share: Int64, under path: FilePath) throws {
    try queueLock.withLock {
      var cursor: Int64?
      while true {
        let jobs = try store.pendingJobs(share: share, after: cursor, limit: 1000)
        guard let last = jobs.last else { return }
        ledger.open(jobs.filter { $0.path.starts(with: path) }.map { SyncLedger.Key(share: share, path: $0.path) })
        cursor = last.id
      }
    }
  }

  /// Compares a subtree with the store, soon, on the crawler's thread.
  ///
  /// - Parameter parent: what found out that it must be; `sync` waits for this crawl where it waits for that.
  func rescan(share: Int64, under path: FilePath, reason: RescanReason, foundBy parent: SyncLedger.Key? = nil) {
    if reason == .overflow || reason == .watcherDied {
      attempt("raising the epoch") {
        _ = try store.raiseEpoch(of: share)
        if let row = try store.shares().first(where: { $0.id == share }) { shares.update(row) }
      }
    }
    let key = SyncLedger.Key.newCrawl(share: share, under: path)
    ledger.open([key], foundBy: parent)
    crawlers.submit { [self] in crawl(key) }
  }

  private func crawl(_ key: SyncLedger.Key) {
    if !isStopping, let share = shares[key.share], let root = share.root {
      do {
        try ShareCrawl(pipeline: self, share: share, root: root, key: key).run()
        noteSuccess()
      } catch is CancellationError {
        // Stopping: the next start crawls everything.
      } catch let error as StoreError {
        report(error, while: "crawling \(root.absolute(key.path))")
        return postpone { $0.crawls.insert(key) }
      } catch let error as LinuxError where Finding.isAbsence(error) && !key.path.isEmpty {
        enqueue([JobRequest(share: key.share, path: key.path, cause: .look, notBefore: 0)], foundBy: key)
      } catch {
        report(error, while: "crawling \(root.absolute(key.path))")
      }
    }
    ledger.close(key)
    worked()
  }

  /// Asks for a directory's permissions anew.
  func refreshDirectory(share id: Int64, _ directory: FilePath) {
    guard let root = shares[id]?.root else { return }
    do { try noteDirectories([directory], in: root, share: id) } catch {
      report(error, while: "noting the permissions of \(root.absolute(directory))")
      rescan(share: id, under: directory, reason: .polled)
    }
  }

  /// Takes in the permissions of a directory and those above it where they are others than those that are known.
  ///
  /// - Returns: which directories they are, and the generation of the index whose permissions are just theirs: any change
  ///   of them since has a later one.
  private func noteWay(
    to directory: FilePath, in root: ShareRoot, share: Int64
  ) throws -> (directories: [FileIdentity], generation: UInt64) {
    var way: [FileIdentity] = []
    let generation = try note(onlyNews: true) {
      var rows: [DirectoryRow] = []
      // Where it cannot be gone down, it is another way than the one that the caller went.
      _ = try? root.descend(to: directory) { path, attributes in
        rows.append(DirectoryRow(share: share, path: root.absolute(path), attributes: attributes))
        return true
      }
      way = rows.map { FileIdentity($0.attributes) }
      return rows
    }
    return (way, generation)
  }

  /// Asks directories for their permissions, stores them and shows them to search. Asking and noting are one step: of two
  /// who ask at the same time, the later answer stays.
  func noteDirectories(_ paths: [FilePath], in root: ShareRoot, share: Int64) throws {
    try note(onlyNews: false) {
      paths.compactMap { path in
        // Gone by now, or another thing: the events of what was in it tell.
        guard let attributes = try? root.attributes(of: path), attributes.kind == .directory else { return nil }
        return DirectoryRow(share: share, path: root.absolute(path), attributes: attributes)
      }
    }
  }

  /// The same for those above a share's root.
  func noteDirectories(aboveRoot root: ShareRoot) throws {
    try note(onlyNews: false) {
      ShareAncestors.named(above: root.path).compactMap { above in
        above.attributes.map { DirectoryRow(share: nil, path: above.path, attributes: $0) }
      }
    }
  }

  /// - Returns: the generation of the index that has the answers, and none later than them.
  @discardableResult
  private func note(onlyNews: Bool, _ ask: () -> [DirectoryRow]) throws -> UInt64 {
    try pausingCommits {
      var rows = ask()
      if onlyNews {
        live.read { live in rows.removeAll { live.directories.isKnown($0.path, $0.attributes) } }
      }
      if !rows.isEmpty {
        try store.putDirectories(rows)
        live.write { live in for row in rows { live.setDirectory(row.path, row.attributes) } }
      }
      return live.read { $0.generation }
    }
  }

  /// Models that passages have or are about to have, by configuration or by the store.
  var modelsInForce: Set<SHA256Digest> {
    Set(shares.all.flatMap { [$0.row.model, $0.target?.hash] }.compactMap { $0 })
  }

  /// Reads the rows of models, given with the length of their vectors, anew from the store. To be called while commits
  /// pause; files stay as they are.
  func reloadRows(of models: [SHA256Digest: Int]) throws {
    var loaded = live.read { $0.copy() }
    for (model, dimensions) in models {
      try store.fill(&loaded, model: model, dimensions: dimensions, projector: store.projectorInForce(of: model))
    }
    loaded.dropEmptyParts(except: modelsInForce)
    live.write { $0.takeParts(of: loaded) }
  }

  /// Deletes vectors that no passage uses, but for those that shares are about to take.
  func collectVectors() {
    let awaited = Set(shares.all.filter(\.isChangingOver).compactMap { $0.target?.hash })
    do { while !isStopping, try store.collectUnusedVectors(limit: 1000, keeping: awaited) > 0 {} } catch {
      report(error, while: "collecting vectors")
    }
  }

  /// Runs `body` while no commit can come: for changes that replace the rows as a whole.
  func pausingCommits<Result>(_ body: () throws -> Result) rethrows -> Result {
    commitLock.lock()
    defer { commitLock.unlock() }
    return try body()
  }

  // MARK: Jobs

  var isStopping: Bool { stopping.load(ordering: .relaxed) }

  private func run() {
    LinearAlgebra.useOneThread()
    while !isStopping {
      guard writeUnwritten() else {
        pause(seconds: 1)
        continue
      }
      if takeJob() { continue }
      let next = try? store.nextJobTime()  // an unreadable store is reported by the claim that follows
      wake.withLock {
        guard !isStopping else { return }
        let delay = next.flatMap { $0 }.map { max(0.01, Double($0 - WallClock.now()) / 1e9) } ?? 60
        _ = wake.wait(until: Date(timeIntervalSinceNow: min(delay, 60)))
      }
    }
  }

  /// Claims and does one job. False where none can be claimed now.
  private func takeJob(urgentOnly: Bool = false) -> Bool {
    let job: Job
    do {
      guard let claimed = try store.claimJobs(limit: 1, now: WallClock.now()).first else { return false }
      job = claimed
      if urgentOnly && job.cause == .crawl {
        try store.requeue(job, notBefore: 0)
        return false
      }
    } catch {
      report(error, while: "claiming a job")
      pause(seconds: 1)
      return true
    }
    CrashPoint.reach(.jobClaimed)
    do {
      if try process(job) { close(job) }
      noteSuccess()
    } catch is CancellationError {
      // Stopping: the job is claimed, and free again at the next start.
      attempt("forgetting an attempt on \(job.path)") { try store.forgetAttempt(job) }
    } catch StoreError.missingVectors {
      again(job, after: 0)
    } catch {
      report(error, while: "indexing \(job.path) of share \(job.share)")
      again(job, after: 5)
    }
    return true
  }

  private func again(_ job: Job, after seconds: Double) {
    let time = WallClock.now() + Int64(seconds * 1e9)
    do { try store.requeue(job, notBefore: time) } catch {
      report(error, while: "putting \(job.path) back into the queue")
      postpone { $0.claimed.append((job, time)) }
    }
  }

  private func close(_ job: Job) {
    let key = SyncLedger.Key(share: job.share, path: job.path)
    retries.withLock { $0[key] = nil }
    queueLock.withLock {
      // A newer event left it in the queue, to be done again. (A store that cannot be read is reported by the next claim.)
      if (try? store.isQueued(share: job.share, path: job.path)) != true { ledger.close(key) }
    }
    worked()
  }

  // MARK: What the store could not take

  private func keep(_ requests: [JobRequest]) {
    postpone { work in
      guard work.requests.count + requests.count > UnwrittenWork.capacity else { return work.add(requests) }
      // Too many to keep: their shares are crawled instead.
      for request in requests {
        let key = SyncLedger.Key(share: request.share, path: request.path)
        if !work.crawls.contains(where: { $0.share == request.share && $0.path.isEmpty }) {
          let crawl = SyncLedger.Key.newCrawl(share: request.share, under: "")
          ledger.open([crawl], foundBy: key)
          work.crawls.insert(crawl)
        }
        if work.requests[key] == nil { ledger.close(key) }
      }
    }
  }

  private func postpone(_ body: (inout UnwrittenWork) -> Void) {
    unwritten.withLock { body(&$0) }
    wake.withLock { wake.broadcast() }
  }

  /// Writes what was postponed. False: it still cannot be.
  private func writeUnwritten() -> Bool {
    let work = unwritten.withLock { work in
      defer { work = UnwrittenWork() }
      return work
    }
    guard !work.isEmpty else { return true }
    do {
      let requests = work.requests.values.filter { shares[$0.share] != nil }
      try queueLock.withLock { try store.enqueue(requests) }
      for (job, time) in work.claimed { try store.requeue(job, notBefore: time) }
    } catch {
      report(error, while: "queueing what waits for the store")
      unwritten.withLock { $0.add(work) }
      return false
    }
    for key in work.crawls { crawlers.submit { [self] in crawl(key) } }
    return true
  }

  /// Nothing is in the way any more.
  private func noteSuccess() {
    guard unwritten.withLock({ $0.isEmpty }) else { return }
    trouble.withLock { $0 = nil }
    reported.withLock { $0 = [] }
  }

  /// Does a job. False: it is not done and was put back into the queue.
  private func process(_ job: Job) throws -> Bool {
    guard let share = shares[job.share] else { return try store.finish(job) }
    // Its folder or its model is not there now.
    guard let root = share.root, share.encodingModel(models) != nil else {
      try store.requeue(job, notBefore: WallClock.now() + 60_000_000_000)
      return false
    }
    let finding = Finding.at(job.path, in: root)
    let isDirectory = if case .found(let attributes) = finding { attributes.kind == .directory } else { false }
    guard !share.ignore.ignores(job.path, isDirectory: isDirectory) else {
      try remove(job)
      return try store.finish(job)
    }
    let stored = try store.file(share: job.share, path: job.path)
    let found: FileAttributes?
    switch finding {
    case .found(let attributes): found = attributes
    case .gone: found = nil
    case .unreadable(let error): return try recordUnreadable(job, error)
    }
    if found?.kind == .directory {
      // A directory where a file was: the file is gone, what is in the directory is to be found.
      if stored != nil { try removeRows([job.path], of: job.share) }
      rescan(
        share: job.share, under: job.path, reason: .newDirectory,
        foundBy: SyncLedger.Key(share: job.share, path: job.path))
      return try store.finish(job)
    }
    if found != nil {
      // Something else where a directory was: what was beneath is gone, and no event need have told so.
      let beneath = try store.files(share: job.share, under: job.path).map(\.path).filter { $0 != job.path }
      if !beneath.isEmpty { try removeRows(beneath, of: job.share) }
    }
    let action = decide(
      stored: stored.map(StoredState.init(row:)), found: found, cause: Cause(job.cause), sizeLimit: largestFile)
    switch action {
    case .nothing:
      // Gone and unknown as a file: it may have been a directory with files beneath.
      return found == nil ? try removeWhatIsGone(job, root) : try store.finish(job)
    case .updateAttributes:
      var attributes = stored!.attributes
      attributes.takePermissions(of: found!)
      // Where it lies was not looked at: what was known of that stays.
      return try update(job, stored!, attributes: attributes, readAt: nil, root: root, verified: nil)
    case .remove:
      return try removeWhatIsGone(job, root)
    case .skip(let reason):
      let (word, detail) = reason.words
      return try finish(job) {
        try store.record(
          outcome: FileOutcome(
            share: job.share, path: job.path, attributes: found, contentHash: nil, readAt: 0, state: .skipped,
            reason: word, detail: detail), finishing: job)
      }
    case .read(_, let updatesAttributes):
      // Whoever may no longer read the file does not find it from now on. Who may read it only now waits for the read:
      // the text that is stored may be one that was taken out before the file was opened to them.
      if updatesAttributes, let stored, let found {
        pausingCommits { live.write { $0.narrow(stored.id, to: AccessRule(found)) } }
      }
      return try read(job, root: root, stored: stored)
    }
  }

  private func recordUnreadable(_ job: Job, _ error: LinuxError) throws -> Bool {
    try finish(job) {
      try store.record(
        outcome: FileOutcome(
          share: job.share, path: job.path, attributes: nil, contentHash: nil, readAt: 0, state: .skipped,
          reason: "unreadable", detail: error.description), finishing: job)
    }
  }

  /// Removes what is at or beneath a job's path.
  private func remove(_ job: Job) throws {
    try pausingCommits { hide(try store.removeAll(share: job.share, under: job.path)) }
  }

  private func removeWhatIsGone(_ job: Job, _ root: ShareRoot) throws -> Bool {
    try remove(job)
    // What has come there since may have been indexed before the removal.
    guard case .gone = Finding.at(job.path, in: root) else {
      again(job, after: 0)
      return false
    }
    return try store.finish(job)
  }

  /// Removes files, each by its own path.
  private func removeRows(_ paths: [FilePath], of share: Int64) throws {
    try pausingCommits {
      for path in paths {
        guard let removed = try store.remove(share: share, path: path, finishing: nil) else { continue }
        live.write { live in
          live.remove(passages: removed.removed)
          live.removeFile(removed.file.id)
        }
      }
    }
  }

  private func hide(_ removed: RemovedFiles) {
    live.write { live in
      live.remove(passages: removed.passages)
      for file in removed.files { live.removeFile(file) }
    }
  }

  /// Stores new attributes of a file whose content is what the store has of it, in `stored`; `verified` as in
  /// `LiveIndex.put`. False where the path has another file's row by now, as after a move: that one's text is not what was
  /// looked at.
  private func update(
    _ job: Job, _ stored: FileRow, attributes: FileAttributes, readAt: Int64?, root: ShareRoot, verified: UInt64?
  ) throws -> Bool {
    try pausingCommits {
      let now = try store.file(share: job.share, path: job.path)
      guard let now, now.id == stored.id, now.contentHash == stored.contentHash else {
        again(job, after: 0)
        return false
      }
      let row = try store.update(
        attributes: attributes, readAt: readAt, share: job.share, path: job.path, finishing: job)
      if let row { live.write { $0.put(row, root: root.path, verified: verified) } }
      return true
    }
  }

  /// Stores an outcome and shows it to search.
  private func finish(_ job: Job, _ commit: () throws -> CommittedFile) throws -> Bool {
    try pausingCommits {
      let result = try commit()
      show(result, verified: nil)
    }
    return true
  }

  private func show(
    _ result: CommittedFile, model: SHA256Digest? = nil, codes: [Int64: [UInt8]] = [:], verified: UInt64?
  ) {
    guard let root = shares[result.file.share]?.row.root else { return }
    live.write { live in
      live.remove(passages: result.removed)
      live.put(result.file, root: root, verified: verified)
      guard let model else { return }
      for passage in result.added {
        guard let code = codes[passage.vectorID] else { continue }
        live.append(
          passage: passage.passageID, vector: passage.vectorID, file: result.file.id, model: model, code: code)
      }
    }
  }

  // MARK: Reading a file

  private func read(_ job: Job, root: ShareRoot, stored: FileRow?) throws -> Bool {
    guard let name = job.path.lastComponent else { return try store.finish(job) }
    let directory = job.path.removingLastComponent()
    var way: [FileIdentity] = []
    let opened: OwnedDescriptor
    do {
      let folder = try root.descend(to: directory) { _, attributes in
        way.append(FileIdentity(attributes))
        return true
      }
      opened = try (folder ?? root).open(FilePath(root: nil, [name]), for: .content)
    } catch {
      // Gone, or something else by now: the next look decides anew.
      if case .found(let now) = Finding.at(job.path, in: root), now.kind == .regular {
        return try recordUnreadable(job, error)
      }
      again(job, after: 0)
      return false
    }
    let before = try FileAttributes.of(descriptor: opened.rawValue)
    // Another thing than a moment ago: what was decided for the other is void.
    guard before.kind == .regular, before.size <= largestFile else {
      again(job, after: 0)
      return false
    }
    // The permissions that go with a text are those at its read, also of the very directories that it was read in.
    let (noted, verified) = try noteWay(to: directory, in: root, share: job.share)
    guard noted == way else {
      again(job, after: 0)
      return false
    }
    let readAt = WallClock.now()
    let content = try ContentReader.hash(opened)
    CrashPoint.reach(.contentHashed)
    if let stored, stored.contentHash == content.digest, !stored.stale, stored.state != .failed,
      job.cause != .retry, job.cause != .reindex
    {
      let after = try FileAttributes.of(descriptor: opened.rawValue)
      let isSame = after.hasContent(of: before) && after.hasPermissions(of: before)
      if !isSame && isToBeRetried(job) { return false }
      return try update(
        job, stored, attributes: isSame ? before : before.closed, readAt: readAt, root: root, verified: verified)
    }
    let outcome = { (state: FileState, reason: String, detail: String?, attributes: FileAttributes) in
      FileOutcome(
        share: job.share, path: job.path, attributes: attributes, contentHash: content.digest, readAt: readAt,
        state: state, reason: reason, detail: detail)
    }
    if try ContentReader.hasSeveralNames(opened) {
      let stale = try store.files(device: before.device, inode: before.inode).filter {
        $0.contentHash != content.digest && ($0.share != job.share || $0.path != job.path)
      }
      enqueue(stale.map { JobRequest(share: $0.share, path: $0.path, cause: .content, notBefore: 0) })
    }
    let attempts = try store.recordAttempt(job)
    CrashPoint.reach(.attemptRecorded)
    guard attempts <= Self.fatalAttempts else {
      return try finish(job) {
        try store.record(
          outcome: outcome(.quarantined, "crash", "the daemon died \(attempts - 1) times while it was read", before),
          finishing: job)
      }
    }
    let extracted = extraction.extract(opened, name: job.path)
    CrashPoint.reach(.textExtracted)
    let after = try FileAttributes.of(descriptor: opened.rawValue)
    let isMoving = after.size != before.size || after.modified != before.modified
    let isGranting = !after.hasPermissions(of: before)
    if (isMoving || isGranting) && isToBeRetried(job) { return false }
    guard case .found(let there) = Finding.at(job.path, in: root), there.inode == before.inode else {
      again(job, after: 0)
      return false
    }
    switch extracted {
    case .skipped(let reason, let detail):
      return try finish(job) { try store.record(outcome: outcome(.skipped, reason, detail, before), finishing: job) }
    case .failed(let reason, let detail):
      if reason == "unavailable" {
        again(job, after: 5)
        return false
      }
      let killed = ["crash", "memory", "deadline"].contains(reason)
      if killed && attempts < 2 {
        again(job, after: 0.2)
        return false
      }
      return try finish(job) {
        try store.record(outcome: outcome(killed ? .quarantined : .failed, reason, detail, before), finishing: job)
      }
    case .text(let text):
      return try index(
        text, job: job, attributes: isGranting ? before.closed : before, hash: content.digest, readAt: readAt,
        stale: isMoving, root: root, verified: verified)
    }
  }

  /// Whether a file that moved under our eyes is to be read again later; it is put back into the queue then.
  private func isToBeRetried(_ job: Job) -> Bool {
    let key = SyncLedger.Key(share: job.share, path: job.path)
    let tries = retries.withLock { retries in
      retries[key, default: 0] += 1
      return retries[key]!
    }
    guard tries <= Self.patience else { return false }
    again(job, after: 0.25 * Double(1 << tries))
    return true
  }

  private func index(
    _ text: ExtractedText, job: Job, attributes: FileAttributes, hash: SHA256Digest, readAt: Int64, stale: Bool,
    root: ShareRoot, verified: UInt64
  ) throws -> Bool {
    guard let model = shares[job.share]?.encodingModel(models) else {
      again(job, after: 60)
      return false
    }
    let cut = model.cutter.passages(of: text)
    CrashPoint.reach(.passagesCut)
    guard !cut.isEmpty else {
      return try finish(job) {
        try store.record(
          outcome: FileOutcome(
            share: job.share, path: job.path, attributes: attributes, contentHash: hash, readAt: readAt,
            state: .skipped, reason: "empty", type: text.type), finishing: job)
      }
    }
    let passages = cut.enumerated().map { ordinal, passage in
      NewPassage(
        ordinal: ordinal, text: passage.text, heading: passage.heading, page: passage.page, start: passage.start,
        length: passage.length, key: PassageKey.of(passage.text, model: model.hash))
    }
    let known = try store.known(Array(Set(passages.map(\.key))))
    let vectors = try encode(passages.filter { known[$0.key] == nil }, by: model, isUrgent: job.cause != .crawl)
    passagesReused.add(passages.count - vectors.count, ordering: .relaxed)
    CrashPoint.reach(.passagesEncoded)
    return try pausingCommits {
      // Its folder may have been moved away while it was encoded, and what was beneath removed from the store already.
      guard case .found(let there) = Finding.at(job.path, in: root), there.inode == attributes.inode else {
        again(job, after: 0)
        return false
      }
      // The share may have changed over to another model meanwhile.
      guard shares[job.share]?.encodingModel(models)?.hash == model.hash else {
        again(job, after: 0)
        return false
      }
      let inForce = live.read { $0.part(of: model.hash)?.projector }
      // Codes of the known ones too: a vector that no passage used for a while may have none.
      let all = known.values.map { NewVector(key: $0.key, values: $0.values, scale: $0.scale) } + vectors
      let codes = inForce.map { inForce in
        let bytes = inForce.codes(of: all.map { StoredVector(id: 0, key: $0.key, values: $0.values, scale: $0.scale) })
        return NewCodes(projector: inForce.row.id, bytes: Dictionary(uniqueKeysWithValues: zip(all.map(\.key), bytes)))
      }
      CrashPoint.reach(.beforeCommit)
      let result = try store.commit(
        IndexedFile(
          share: job.share, path: job.path, attributes: attributes, contentHash: hash, readAt: readAt, type: text.type,
          title: text.title, stale: stale, partial: text.partial, model: model.hash, passages: passages,
          vectors: vectors, codes: codes), finishing: job)
      CrashPoint.reach(.afterCommit)
      let byKey = Dictionary(uniqueKeysWithValues: all.map { ($0.key, $0) })
      var shown: [Int64: [UInt8]] = [:]
      for passage in result.added {
        let key = passages[passage.ordinal].key
        shown[passage.vectorID] =
          codes?.bytes[key] ?? byKey[key].map { $0.values.map { UInt8(bitPattern: $0) ^ 0x80 } }
      }
      show(result, model: model.hash, codes: shown, verified: verified)
      return true
    }
  }

  /// Source vectors of passages, each text once. Between two slices, what somebody may be waiting for goes first.
  private func encode(_ passages: [NewPassage], by model: OpenModel, isUrgent: Bool) throws -> [NewVector] {
    var seen = Set<SHA256Digest>()
    // Sorted by length across the whole file: a slice has texts of like length.
    let unique = passages.filter { seen.insert($0.key).inserted }.sorted { $0.text.utf8.count < $1.text.utf8.count }
    let lengths = unique.map(\.text.utf8.count)
    var vectors: [NewVector] = []
    while vectors.count < unique.count {
      guard !isStopping else { throw CancellationError() }
      if !isUrgent, urgent.exchange(false, ordering: .relaxed) { while takeJob(urgentOnly: true) {} }
      let slice = unique[vectors.count..<model.pace.end(ofSliceFrom: vectors.count, in: lengths)]
      vectors += try self.vectors(of: slice.map { (key: $0.key, text: $0.text) }, by: model)
    }
    return vectors
  }

  /// Source vectors of one slice of texts, counted and timed.
  func vectors(of texts: [(key: SHA256Digest, text: String)], by model: OpenModel) throws -> [NewVector] {
    let start = ThreadTime.now
    let rows = try model.encoder.encode(texts.map(\.text), as: .passage)
    model.pace.note(bytes: texts.reduce(0) { $0 + $1.text.utf8.count }, seconds: ThreadTime.now - start)
    passagesEncoded.add(texts.count, ordering: .relaxed)
    return texts.enumerated().map { row, text in
      let quantised = SourceVector(rows.row(row))
      return NewVector(key: text.key, values: quantised.values, scale: quantised.scale)
    }
  }

  // MARK: Trouble

  private func attempt(_ what: String, _ body: () throws -> Void) {
    do { try body() } catch { report(error, while: what) }
  }

  func report(_ error: any Error, while what: String) {
    let words = "\(what): \(error)"
    // What goes wrong each second is said once, until something goes well.
    let isNew = reported.withLock { $0.count < 1000 && $0.insert(words).inserted }
    if isNew { logger.error("\(words)") }
    trouble.withLock { $0 = words }
  }

  private func pause(seconds: Double) {
    wake.withLock { _ = wake.wait(until: Date(timeIntervalSinceNow: seconds)) }
  }
}
