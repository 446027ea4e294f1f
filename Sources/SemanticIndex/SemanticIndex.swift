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

  /// What runs once the model is there.
  struct Running: Sendable {
    let model: EncoderModel
    let pipeline: IndexingPipeline
    let searcher: Searcher
    let lifecycle: ProjectorLifecycle
    let extraction: ExtractionPool
    let housekeeping: Housekeeping
    var watcher: FileWatcher
  }

  package let store: PassageStore
  let live: ReadWriteLock<LiveIndex>
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
    live = ReadWriteLock(LiveIndex(projector: nil, format: .source(dimensions: 1)))
  }

  package var state: State { current.withLock { $0.state } }
  var running: Running? { current.withLock { $0.running } }
  package var uptime: TimeInterval { Date().timeIntervalSince(startedAt) }
  package var modelName: String? { running?.model.name }

  // MARK: Start and stop

  /// Loads the model and the rows, then watches and crawls the shares. Blocks until all shares are watched; searches are
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
    let model = try EncoderModel(contentsOf: settings.daemon.modelFile)
    try forgetOtherModels(model)
    try openShares(settings)
    let encoder = ReferenceEncoder(model: model)
    try store.recoverProjectors()
    try loadRows(model)
    let extraction = ExtractionPool(
      worker: programs.extract, workers: max(settings.extract.workers, 1), deadline: settings.extract.deadline,
      memoryLimit: settings.extract.memoryLimit)
    let grown = Relay()
    let pipeline = IndexingPipeline(
      store: store, live: live, shares: shares, ledger: ledger, model: model, encoder: encoder, extraction: extraction,
      configuration: settings, logger: logger, worked: { grown.signal() })
    let lifecycle = ProjectorLifecycle(
      pipeline: pipeline, configuration: settings.projector, logger: logger)
    grown.connect { lifecycle.corpusGrew() }
    let watcher = try makeWatcher(settings, pipeline)
    let searcher = Searcher(store: store, live: live, shares: shares, encoder: encoder)
    let housekeeping = Housekeeping(
      reconcile: Double(settings.watch.reconcile.components.seconds),
      retryOffline: { [weak self] in self?.reopenShares() },
      crawlAll: { [weak self] in
        for share in self?.shares.all ?? [] { pipeline.rescan(share: share.id, under: "", reason: .polled) }
      },
      collect: { [store, logger] in
        do { while try store.collectUnusedVectors(limit: 1000) > 0 {} } catch {
          logger.error("collecting vectors: \(error)")
        }
      })
    current.withLock {
      $0.running = Running(
        model: model, pipeline: pipeline, searcher: searcher, lifecycle: lifecycle, extraction: extraction,
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
    running?.pipeline.stop()
    running?.extraction.stop()
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

  /// Source vectors of different models cannot be compared: where the model changed, the index is made anew.
  private func forgetOtherModels(_ model: EncoderModel) throws {
    let hash = model.hash.description
    let known = try store.setting("model")
    guard known != hash else { return }
    if known != nil {
      logger.warning("the model is \(model.name) now: every file is encoded again")
      for share in try store.shares() { _ = try store.removeAll(share: share.id, under: "") }
      if let active = try store.activeProjector() {
        _ = try store.setState(of: active.id, to: .retired, reason: "the model changed")
      }
    }
    try store.set("model", to: hash)
  }

  private func openShares(_ settings: DaemonConfiguration) throws {
    var opened: [ShareTable.Share] = []
    for share in settings.shares {
      let ignore = try IgnoreRules(patterns: share.ignore)
      do {
        let root = try ShareRoot(path: share.path)
        let row = try store.register(share: share.name, root: share.path, device: root.attributes.device)
        opened.append(ShareTable.Share(row: row, root: root, ignore: ignore, problem: nil))
      } catch let problem as LinuxError {
        logger.error("share \(share.name) is offline: \(problem)")
        let known = try store.shares().first { $0.name == share.name }
        let row = try known ?? store.register(share: share.name, root: share.path, device: 0)
        opened.append(ShareTable.Share(row: row, root: nil, ignore: ignore, problem: problem))
      }
    }
    let ids = Set(opened.map(\.id))
    for dropped in try store.shares() where !ids.contains(dropped.id) {
      logger.notice("share \(dropped.name) is no longer configured: its files leave the index")
      try store.removeShare(dropped.id)
    }
    shares.replace(with: opened)
    stateChange.withLock { stateChange.broadcast() }
  }

  /// Takes up shares whose folder has come back, under its old name and with all that is known of it.
  private func reopenShares() {
    for share in shares.all {
      let watcher = running?.watcher
      guard share.root == nil || watcher?.status(of: share.id).state == .offline else { continue }
      // Still gone: tried again later.
      guard let root = try? ShareRoot(path: share.row.root) else { continue }
      logger.notice("share \(share.row.name) is back")
      shares.update(ShareTable.Share(row: share.row, root: root, ignore: share.ignore, problem: nil))
      watcher?.watch(ShareToWatch(id: share.id, name: share.row.name, root: root, ignore: share.ignore))
    }
  }

  private func makeWatcher(_ settings: DaemonConfiguration, _ pipeline: IndexingPipeline) throws -> FileWatcher {
    try FileWatcher(
      watchProgram: programs.watch,
      shares: shares.all.compactMap { share in
        share.root.map { ShareToWatch(id: share.id, name: share.row.name, root: $0, ignore: share.ignore) }
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

  private func loadRows(_ model: EncoderModel) throws {
    var projector: ProjectorInForce?
    if let row = try store.activeProjector(), row.model == model.hash {
      projector = try ProjectorInForce(row: row, encoded: store.encodedProjector(row.id))
    }
    var loaded = LiveIndex(
      projector: projector, format: projector?.quantizer.format ?? .source(dimensions: model.dimensions))
    for share in shares.all {
      for file in try store.files(share: share.id, under: "") { loaded.put(file, root: share.row.root) }
    }
    for directory in try store.directories() { loaded.setDirectory(directory.path, directory.attributes) }
    for share in shares.all { loaded.setWay(share.root.flatMap(ShareAncestors.rules), to: share.id) }
    try store.fill(&loaded)
    if let projector, loaded.livePassages < (try store.counts().values.reduce(0) { $0 + $1.passages }) {
      // Not to be found would be worse than to be late.
      logger.error("passages without a code of projector \(projector.row.version): the codes are made now")
      try store.codeMissing(by: projector)
      loaded.replaceRows(projector: projector, format: projector.quantizer.format)
      try store.fill(&loaded)
    }
    live.write { $0 = loaded }
  }

  // MARK: Reload

  /// Takes over shares and ignore rules of a new configuration while searches go on. Returns the keys that changed, and
  /// those that need a restart.
  package func reload(_ new: DaemonConfiguration) throws -> (changed: [String], needsRestart: [String]) {
    let old = configuration.withLock { $0 }
    var changed: [String] = []
    var needsRestart: [String] = []
    if old.shares != new.shares { changed.append("share") }
    if old.watch != new.watch { changed.append("watch") }
    if old.daemon != new.daemon { needsRestart.append("daemon") }
    if old.extract != new.extract { needsRestart.append("extract") }
    if old.projector != new.projector { needsRestart.append("projector") }
    if old.limits != new.limits { needsRestart.append("limits") }
    guard !changed.isEmpty else { return ([], needsRestart) }
    var next = old
    next.shares = new.shares
    next.watch = new.watch
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
        try loadRows(running.model)
      }
    }
    ledger.keepOnly(shares: allShares)
    // Whatever went wrong, the shares are watched.
    let watcher = try makeWatcher(next, running.pipeline)
    current.withLock { $0.running?.watcher = watcher }
    try watcher.start()
    try outcome.get()
    configuration.withLock { $0 = next }
    return (changed, needsRestart)
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
