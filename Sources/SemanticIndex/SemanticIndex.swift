package import Configuration
import FileWatching
package import Foundation
import LinearAlgebra
import LinuxSystem
package import Logging
package import PassageStore
import RateReduction
import SentenceEncoder
import Synchronization
package import SystemPackage
import TextExtraction

/// The index of all shares: watches them, keeps their passages, and finds those that mean what is asked.
///
/// `init` opens the store, which takes milliseconds at any size; `start` loads and watches, which takes longer, and
/// meanwhile `state` tells how far it is. All calls block and may come from several threads at once.
package final class SemanticIndex: Sendable {
  /// The programs that it runs beside itself.
  package struct Programs: Sendable {
    package var watch: FilePath
    package var extract: FilePath

    package init(watch: FilePath, extract: FilePath) {
      self.watch = watch
      self.extract = extract
    }
  }

  /// How far the index is.
  package enum State: Sendable {
    case loading
    case running
    /// It cannot run, and why: the model is missing, say. Nothing is searched or indexed.
    case failed(String)
    case stopped
  }

  /// What runs once a model is there.
  struct Running: Sendable {
    let pipeline: IndexingPipeline
    let searcher: Searcher
    let lifecycle: ProjectorLifecycle
    let reencoding: Reencoding
    let extraction: ExtractionPool
    let housekeeping: Housekeeping
    var watcher: FileWatcher
  }

  package let store: PassageStore
  let live: ReadWriteLock<LiveIndex>
  let models: ModelShelf
  let shares = ShareTable()
  let ledger = SyncLedger()
  let logger: Logger
  private let programs: Programs
  private let configuration: Mutex<DaemonConfiguration>
  private let stateChange = NSCondition()
  private let current = Mutex<(state: State, running: Running?)>((.loading, nil))
  /// Whether the shares are watched: `sync` waits for it.
  private let watching = Atomic<Bool>(false)
  private let startedAt = Date()

  /// Opens the store of the state directory. Throws `StoreError` where another daemon has it, or it cannot be read.
  package init(configuration: DaemonConfiguration, programs: Programs, logger: Logger) throws {
    self.configuration = Mutex(configuration)
    self.programs = programs
    self.logger = logger
    LinearAlgebra.useOneThread()
    store = try PassageStore(at: configuration.daemon.stateDirectory.appending("fumikura.db"))
    models = ModelShelf(store: store, logger: logger)
    live = ReadWriteLock(LiveIndex(wideMemory: configuration.projector.rescoreMemory))
  }

  package var state: State { current.withLock { $0.state } }
  var running: Running? { current.withLock { $0.running } }
  package var uptime: TimeInterval { Date().timeIntervalSince(startedAt) }

  // MARK: Start and stop

  /// Opens the models and loads the rows, then watches and crawls the shares. Blocks until all shares are watched; searches are
  /// answered as soon as the rows are loaded. What fails is the state afterwards, and logged.
  package func start() {
    do {
      try load()
    } catch {
      logger.critical("the index cannot start: \(error)")
      enter(.failed("\(error)"))
      return
    }
    guard let running else { return }
    enter(.running)
    do {
      try running.pipeline.start()
      try running.watcher.start()
      running.reencoding.begin()
      running.housekeeping.start()
      watching.store(true, ordering: .releasing)
      stateChange.withLock { stateChange.broadcast() }
    } catch {
      // Searches go on with what is indexed.
      logger.error("watching the shares failed: \(error)")
      running.pipeline.trouble.withLock { $0 = "watching the shares failed: \(error)" }
    }
  }

  private func load() throws {
    let settings = configuration.withLock { $0 }
    // The models are opened while the files are read: neither needs the other.
    let files = Mutex<[Int64: [FileRow]]>([:])
    let opening: @Sendable () throws -> Void = { try self.openShares(settings) }
    let reading: @Sendable () throws -> Void = {
      let read = try self.readFiles()
      files.withLock { $0 = read }
    }
    _ = try WorkerThreads.concurrently([opening, reading], name: "load", priority: .query)
    // Nothing could be done at all.
    if let hopeless = shares.all.first?.modelProblem, shares.all.allSatisfy({ $0.encodingModel(models) == nil }) {
      throw UnusableModel(reason: hopeless)
    }
    try store.recoverProjectors()
    try loadRows(files: files.withLock { $0 })
    let extraction = ExtractionPool(
      worker: programs.extract, workers: max(settings.extract.workers, 1), deadline: settings.extract.deadline,
      memoryLimit: settings.extract.memoryLimit)
    let grown = Relay()
    let pipeline = IndexingPipeline(
      store: store, live: live, shares: shares, ledger: ledger, models: models, extraction: extraction,
      configuration: settings, logger: logger, worked: { grown.signal() })
    let lifecycle = ProjectorLifecycle(
      pipeline: pipeline, configuration: settings.projector, logger: logger)
    grown.connect { lifecycle.corpusGrew() }
    let reencoding = Reencoding(pipeline: pipeline, lifecycle: lifecycle, logger: logger)
    let watcher = try makeWatcher(settings, pipeline)
    let searcher = Searcher(store: store, live: live, shares: shares, models: models)
    let housekeeping = Housekeeping(
      reconcile: Double(settings.watch.reconcile.components.seconds),
      retryOffline: { [weak self] in
        self?.reopenShares()
        reencoding.begin()
      },
      crawlAll: { [weak self] in
        for share in self?.shares.all ?? [] { pipeline.rescan(share: share.id, under: "", reason: .polled) }
      },
      collect: { pipeline.collectVectors() },
      workDone: {
        searcher.searches.load(ordering: .relaxed) + pipeline.passagesEncoded.load(ordering: .relaxed)
          + lifecycle.attempts.load(ordering: .relaxed)
      },
      giveBackMemory: { [models, store] in
        models.releaseMemory()
        store.releaseMemory()
        HeapMemory.giveBack()
      })
    current.withLock {
      $0.running = Running(
        pipeline: pipeline, searcher: searcher, lifecycle: lifecycle, reencoding: reencoding, extraction: extraction,
        housekeeping: housekeeping, watcher: watcher)
    }
  }

  /// Ends everything in order, what is being encoded or trained within two seconds. What is not finished is in the queue;
  /// the database is one file afterwards, unless a thread did not end.
  package func stop() {
    let running = current.withLock { current in
      defer { current = (.stopped, nil) }
      return current.running
    }
    stateChange.withLock { stateChange.broadcast() }
    ledger.stop()
    running?.housekeeping.stop()
    running?.watcher.stop()
    running?.lifecycle.stop()
    running?.reencoding.stop()
    running?.pipeline.stop()
    running?.extraction.stop()
    running?.reencoding.awaitEnd(patience: 1)
    running?.pipeline.awaitEnd(patience: 2)
    do { try store.emptyLog() } catch { logger.error("emptying the log of the database: \(error)") }
  }

  private func enter(_ state: State) {
    current.withLock { if case .stopped = $0.state {} else { $0.state = state } }
    stateChange.withLock { stateChange.broadcast() }
  }

  /// The running parts, waiting for the rows to be loaded for up to `patience` seconds.
  func ready(patience: TimeInterval = 10) throws(NotReady) -> Running {
    let deadline = Date(timeIntervalSinceNow: patience)
    stateChange.lock()
    defer { stateChange.unlock() }
    while true {
      switch current.withLock({ ($0.state, $0.running) }) {
      case (.running, let running?): return running
      case (.failed(let why), _): throw NotReady(reason: why, isFinal: true)
      case (.stopped, _): throw NotReady(reason: "the daemon is stopping", isFinal: true)
      case (.loading, _), (.running, nil):
        if !stateChange.wait(until: deadline) { throw NotReady(reason: "the index is still loading", isFinal: false) }
      }
    }
  }

  /// Waits until it is known which shares there are, a moment after the start: before that every path would be outside.
  package func awaitShares(patience: TimeInterval = 10) throws(NotReady) {
    let deadline = Date(timeIntervalSinceNow: patience)
    stateChange.lock()
    defer { stateChange.unlock() }
    while shares.all.isEmpty, case .loading = state {
      if !stateChange.wait(until: deadline) { throw NotReady(reason: "the index is still loading", isFinal: false) }
    }
  }

  private func openShares(_ settings: DaemonConfiguration) throws {
    var opened: [ShareTable.Share] = []
    let counts = try store.counts()
    for share in settings.shares {
      let ignore = try IgnoreRules(patterns: share.ignore)
      var root: ShareRoot?
      var problem: LinuxError?
      var row: ShareRow
      do {
        let found = try ShareRoot(path: share.path)
        row = try store.register(share: share.name, root: share.path, device: found.attributes.device)
        root = found
      } catch let error as LinuxError {
        logger.error("share \(share.name) is offline: \(error)")
        let known = try store.shares().first { $0.name == share.name }
        row = try known ?? store.register(share: share.name, root: share.path, device: 0)
        problem = error
      }
      let isEmpty = (counts[row.id]?.passages ?? 0) == 0
      opened.append(
        try withModels(
          ShareTable.Share(row: row, root: root, ignore: ignore, problem: problem, target: nil, modelProblem: nil),
          file: settings.modelFile(of: share), in: settings.daemon.modelsDirectory, isEmpty: isEmpty))
      if let trouble = opened.last?.modelProblem { logger.error("share \(share.name): \(trouble)") }
    }
    let ids = Set(opened.map(\.id))
    for dropped in try store.shares() where !ids.contains(dropped.id) {
      logger.notice("share \(dropped.name) is no longer configured: its files leave the index")
      try store.removeShare(dropped.id)
    }
    shares.replace(with: opened)
    stateChange.withLock { stateChange.broadcast() }
  }

  /// Opens the model that a share is configured with, and the one that its passages have.
  private func withModels(
    _ share: ShareTable.Share, file: FilePath, in directory: FilePath, isEmpty: Bool
  ) throws -> ShareTable.Share {
    var share = share
    share.target = nil
    share.modelProblem = nil
    do { share.target = try models.model(at: file) } catch let error as UnusableModel {
      share.modelProblem = error.reason
    }
    if let target = share.target, isEmpty, share.row.model != target.hash {
      // There is nothing that it could be changed over from.
      share.row = try store.setModel(of: share.id, to: target.hash)
    }
    guard let current = share.row.model, current != share.target?.hash else { return share }
    let old = models.find(current, in: directory)
    guard let problem = share.modelProblem else { return share }
    share.modelProblem =
      old.map { "\(problem); it goes on with \($0.name)" }
      ?? "\(problem); until there is one, nothing new is indexed, and files are found by their words alone"
    return share
  }

  /// Takes up shares whose folder has come back, under its old name and with all that is known of it, and those whose model
  /// has come.
  private func reopenShares() {
    for share in shares.all where share.modelProblem != nil { reopenModel(of: share) }
    for share in shares.all {
      let watcher = running?.watcher
      guard share.root == nil || watcher?.status(of: share.id).state == .offline else { continue }
      // Still gone: tried again later.
      guard let root = try? ShareRoot(path: share.row.root) else { continue }
      logger.notice("share \(share.row.name) is back")
      var found = share
      found.root = root
      found.problem = nil
      shares.update(found)
      if found.encodingModel(models) != nil { watcher?.watch(toWatch(found, root)) }
    }
  }

  private func reopenModel(of share: ShareTable.Share) {
    let settings = configuration.withLock { $0 }
    guard let running, let configured = settings.shares.first(where: { $0.name == share.row.name }) else { return }
    let file = settings.modelFile(of: configured)
    // Still gone: tried again later.
    guard (try? models.model(at: file)) != nil else { return }
    do {
      let (before, after) = try running.pipeline.pausingCommits {
        guard let now = shares[share.id] else { return (share, share) }
        let isEmpty = (try store.counts()[share.id]?.passages ?? 0) == 0
        let found = try withModels(now, file: file, in: settings.daemon.modelsDirectory, isEmpty: isEmpty)
        shares.update(found)
        if let target = found.target, live.read({ $0.part(of: target.hash) == nil }) {
          try running.pipeline.reloadRows(of: [target.hash: target.model.dimensions])
        }
        return (now, found)
      }
      guard let target = after.target else { return }
      logger.notice("share \(share.row.name): the model \(target.name) is there")
      guard before.encodingModel(models) == nil, let root = after.root else { return }
      try running.pipeline.adoptJobs(of: share.id)
      running.watcher.watch(toWatch(after, root))
    } catch {
      logger.error("share \(share.row.name): \(error)")
    }
  }

  private func toWatch(_ share: ShareTable.Share, _ root: ShareRoot) -> ShareToWatch {
    ShareToWatch(id: share.id, name: share.row.name, root: root, ignore: share.ignore)
  }

  private func makeWatcher(_ settings: DaemonConfiguration, _ pipeline: IndexingPipeline) throws -> FileWatcher {
    try FileWatcher(
      watchProgram: programs.watch,
      shares: shares.all.compactMap { share in
        share.encodingModel(models) == nil ? nil : share.root.map { toWatch(share, $0) }
      },
      settle: settings.watch.settle, maximumDelay: settings.watch.maximumDelay,
      cookieDirectory: cookieDirectory(settings), watchBudget: settings.watch.budget ?? .max,
      deliver: { pipeline.accept($0) })
  }

  /// Where `sync` makes its cookies, watched beside the shares.
  private func cookieDirectory(_ settings: DaemonConfiguration) throws -> FilePath {
    let path = settings.daemon.stateDirectory.appending("cookies")
    try FileManager.default.createDirectory(atPath: path.string, withIntermediateDirectories: true)
    return path
  }

  /// All files that the store knows, by share.
  private func readFiles() throws -> [Int64: [FileRow]] {
    var files: [Int64: [FileRow]] = [:]
    for share in try store.shares() { files[share.id] = try store.files(share: share.id, under: "") }
    return files
  }

  /// - Parameter files: as `readFiles` gave them, since when no file has changed.
  private func loadRows(files: [Int64: [FileRow]]) throws {
    var loaded = LiveIndex(wideMemory: configuration.withLock { $0.projector.rescoreMemory })
    for share in shares.all {
      for file in files[share.id] ?? [] { loaded.put(file, root: share.row.root) }
    }
    for directory in try store.directories() { loaded.setDirectory(directory.path, directory.attributes) }
    for share in shares.all { loaded.setWay(share.root.flatMap(ShareAncestors.rules), to: share.id) }
    var dimensions = try store.modelsInUse()
    for share in shares.all {
      // Of the models without a passage, those that are about to have some.
      if let model = share.encodingModel(models) { dimensions[model.hash] = model.model.dimensions }
      if let model = share.target { dimensions[model.hash] = model.model.dimensions }
    }
    var projectors: [SHA256Digest: ProjectorInForce] = [:]
    for (model, width) in dimensions {
      projectors[model] = try store.projectorInForce(of: model)
      try store.fill(&loaded, model: model, dimensions: width, projector: projectors[model])
    }
    if loaded.livePassages < (try store.counts().values.reduce(0) { $0 + $1.passages }) {
      // Not to be found would be worse than to be late.
      for (model, projector) in projectors {
        logger.error("passages without a code of projector \(projector.row.version): the codes are made now")
        try store.codeMissing(by: projector)
        try store.fill(&loaded, model: model, dimensions: dimensions[model]!, projector: projector)
      }
    }
    live.write { $0 = loaded }
    models.keepOnly(Set(dimensions.keys).union(shares.all.compactMap { $0.target?.hash }))
  }

  // MARK: Reload

  /// Takes over shares, ignore rules and models of a new configuration while searches go on, and models whose files are
  /// others than before under the same names. Returns the keys that changed, and those that need a restart.
  package func reload(_ new: DaemonConfiguration) throws -> (changed: [String], needsRestart: [String]) {
    let old = configuration.withLock { $0 }
    var changed: [String] = []
    var needsRestart: [String] = []
    if old.shares != new.shares { changed.append("share") }
    if old.watch != new.watch { changed.append("watch") }
    var daemon = new.daemon
    daemon.model = old.daemon.model
    daemon.configuredModelsDirectory = old.daemon.configuredModelsDirectory
    if old.daemon != daemon { needsRestart.append("daemon") }
    if haveOtherModels(new) { changed.append("model") }
    if old.extract != new.extract { needsRestart.append("extract") }
    if old.projector != new.projector { needsRestart.append("projector") }
    if old.limits != new.limits { needsRestart.append("limits") }
    guard !changed.isEmpty else { return ([], needsRestart) }
    var next = old
    next.shares = new.shares
    next.watch = new.watch
    next.daemon.model = new.daemon.model
    next.daemon.configuredModelsDirectory = new.daemon.configuredModelsDirectory
    guard let running else { throw NotReady(reason: "the index is still loading", isFinal: false) }
    for share in next.shares {
      do throws(IgnoreRuleError) { _ = try IgnoreRules(patterns: share.ignore) } catch {
        throw UnusableConfiguration(reason: "share \(share.name): \(error)")
      }
    }
    running.watcher.stop()
    let outcome = Result {
      try running.pipeline.pausingCommits {
        try openShares(next)
        try loadRows(files: readFiles())
      }
    }
    ledger.keepOnly(shares: allShares)
    // Whatever went wrong, the shares are watched.
    let watcher = try makeWatcher(next, running.pipeline)
    current.withLock { $0.running?.watcher = watcher }
    try watcher.start()
    try outcome.get()
    configuration.withLock { $0 = next }
    running.reencoding.begin()
    return (changed, needsRestart)
  }

  /// Whether a share that is known would have another model by the configuration and the files as they are now.
  private func haveOtherModels(_ settings: DaemonConfiguration) -> Bool {
    settings.shares.contains { share in
      guard let known = shares.named(share.name) else { return false }
      // One that cannot be used is another than one that could.
      return (try? models.model(at: settings.modelFile(of: share)))?.hash != known.target?.hash
    }
  }

  // MARK: Asking

  /// Searches for a caller, who finds only what they may read.
  package func search(_ request: SearchRequest, for caller: FileSystemCheck.Caller) throws -> SearchResult {
    try ready().searcher.search(request, for: caller)
  }

  /// Waits until everything that happened in the shares before the call is searchable. False: the time was too short.
  package func synchronize(shares ids: Set<Int64>, until deadline: Date) throws -> Bool {
    _ = try ready()
    stateChange.lock()
    while !watching.load(ordering: .acquiring) {
      if case .stopped = state { break }
      guard stateChange.wait(until: deadline) else { break }
    }
    stateChange.unlock()
    guard watching.load(ordering: .acquiring), let running else { return false }
    let patience = Duration.seconds(max(0.001, deadline.timeIntervalSinceNow))
    do { try running.watcher.synchronize(within: patience) } catch .notSynchronized { return false }
    return ledger.wait(shares: ids, until: deadline)
  }
}

/// A configuration that the index cannot take over; nothing has changed.
package struct UnusableConfiguration: Error, CustomStringConvertible {
  package let reason: String
  package var description: String { reason }
}

/// The index cannot answer now.
package struct NotReady: Error, CustomStringConvertible {
  package let reason: String
  /// Whether waiting is in vain.
  package let isFinal: Bool
  package var description: String { reason }
}

/// Passes a signal on once it is connected: two parts that need each other at their making.
private final class Relay: Sendable {
  // In a struct: a bare closure that is looked at through a generic `inout` is wrapped anew, and stored so, each time.
  private struct Target { let body: @Sendable () -> Void }
  private let target = Mutex<Target?>(nil)
  func connect(_ body: @escaping @Sendable () -> Void) { target.withLock { $0 = Target(body: body) } }
  func signal() { target.withLock { $0 }?.body() }
}
