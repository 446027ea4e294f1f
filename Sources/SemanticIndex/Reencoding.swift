import Foundation
import LinuxSystem
import Logging
import PassageStore
import RateReduction
import SentenceEncoder
import Synchronization

/// Encodes a share's passages anew where its model is another than that of their vectors, while search goes on.
///
/// Vectors of the new model are stored beside the old ones, a few hundred at a time; what a kill leaves is found again.
/// What is saved meanwhile is encoded with the old model, as all the rest of the share is, and its vectors of the new one
/// follow here. When no text lacks one, the share's passages take them in one transaction, and search with it; the old
/// vectors are collected afterwards.
///
/// Where the old model's file is gone, no query can be compared with its vectors: until they have new ones, passages are
/// found by their words alone. Nothing is gained by waiting then, so that they take their new vectors as they come, every
/// few seconds, and what is saved is encoded with the new model at once.
final class Reencoding: Sendable {
  /// How far a share is.
  struct Progress: Sendable {
    /// The new model's name.
    let model: String
    /// Passages that have a vector of the new model.
    var done: Int
    var total: Int
  }

  private let pipeline: IndexingPipeline
  private let lifecycle: ProjectorLifecycle
  private let logger: Logger
  private let coordinator = WorkerThreads(name: "reencode", count: 1, priority: .indexing)
  private let encoders: WorkerThreads
  private let encoderCount = max(1, ProcessInfo.processInfo.activeProcessorCount)
  private let isBusy = Atomic<Bool>(false)
  private let isStopping = Atomic<Bool>(false)
  private let progress = Mutex<[Int64: Progress]>([:])

  /// Passages whose vectors are stored in one transaction.
  private static let batch = 64
  /// Passages that may be encoded while commits wait, to come to an end on a share that is written to all the time.
  private static let lastFew = 32

  init(pipeline: IndexingPipeline, lifecycle: ProjectorLifecycle, logger: Logger) {
    self.pipeline = pipeline
    self.lifecycle = lifecycle
    self.logger = logger
    encoders = WorkerThreads(name: "encode", count: encoderCount, priority: .indexing)
  }

  /// How far a share is; nil where it is not being encoded anew.
  func progress(of share: Int64) -> Progress? { progress.withLock { $0[share] } }

  func stop() {
    isStopping.store(true, ordering: .relaxed)
    coordinator.stop()
  }

  func awaitEnd(patience: TimeInterval) {
    // The encoders last: what was handed to them is waited for.
    coordinator.awaitEnd(patience: patience)
    encoders.stop()
    encoders.awaitEnd(patience: patience)
  }

  /// Sees which shares have another model now. Cheap where none has.
  func begin() {
    guard pipeline.shares.all.contains(where: \.isChangingOver),
      isBusy.compareExchange(expected: false, desired: true, ordering: .relaxed).exchanged
    else { return }
    coordinator.submit { [self] in
      var failed = false
      for share in pipeline.shares.all where share.isChangingOver && !stops {
        do { try changeOver(share.id) } catch is CancellationError {
          failed = true
        } catch {
          failed = true
          // Tried again with the next housekeeping.
          pipeline.report(error, while: "encoding share \(share.row.name) anew")
        }
        progress.withLock { $0[share.id] = nil }
      }
      isBusy.store(false, ordering: .relaxed)
      // What changed since the loop began counts too.
      if !failed && !stops { begin() }
    }
  }

  private var stops: Bool { isStopping.load(ordering: .relaxed) }

  private func changeOver(_ id: Int64) throws {
    while !stops, let share = pipeline.shares[id], share.isChangingOver, let target = share.target {
      let old = share.row.model
      let isSearchable = old.map { pipeline.models[$0] != nil } ?? false
      if !isSearchable && old != nil {
        logger.warning(
          "share \(share.row.name): the model that it was encoded with is gone; what is not encoded anew yet is found by its words alone"
        )
        try pipeline.pausingCommits { pipeline.shares.update(try pipeline.store.setModel(of: id, to: nil)) }
      }
      logger.notice("share \(share.row.name) is encoded anew with \(target.name)")
      let seen = try encodeLacking(share, target, showing: !isSearchable)
      guard pipeline.shares[id]?.target?.hash == target.hash else { continue }
      let total = try pipeline.store.counts()[id]?.passages ?? 0
      try lifecycle.prepare(target, passages: total)
      try codeMissing(target)
      guard try finish(id, target, after: seen) else { continue }
      logger.notice("share \(share.row.name) is the model \(target.name)'s now: \(total) passages")
      pipeline.collectVectors()
      let used = pipeline.live.read { live in live.parts.map(\.model) }
      pipeline.models.keepOnly(pipeline.modelsInForce.union(used))
    }
  }

  /// Stores the vectors that the share's texts lack.
  ///
  /// - Parameter showing: let passages take theirs now and then.
  /// - Returns: an id up to which no passage lacks one: new passages have higher ones.
  private func encodeLacking(_ share: ShareTable.Share, _ target: OpenModel, showing: Bool) throws -> Int64 {
    let store = pipeline.store
    let total = try store.counts()[share.id]?.passages ?? 0
    let lacking = try store.countPassages(of: share.id, lacking: target.hash)
    progress.withLock {
      $0[share.id] = Progress(model: target.name, done: max(0, total - lacking), total: max(total, lacking))
    }
    var seen: Int64 = 0
    let clock = ContinuousClock()
    var nextShow = clock.now + .seconds(2)
    while true {
      guard !stops else { throw CancellationError() }
      // The configuration may have changed again.
      guard pipeline.shares[share.id]?.target?.hash == target.hash else { return seen }
      let passages = try store.passages(of: share.id, lacking: target.hash, after: seen, limit: Self.batch)
      guard let last = passages.last else { return seen }
      try putVectors(of: passages.map(\.text), by: target)
      CrashPoint.reach(.passagesReencoded)
      seen = last.id
      progress.withLock { progress in
        guard var now = progress[share.id] else { return }
        now.done += passages.count
        now.total = max(now.total, now.done)
        progress[share.id] = now
      }
      if showing && clock.now >= nextShow {
        let cost = try clock.measure { try show(share.id, target) }
        nextShow = clock.now + max(.seconds(2), cost * 10)
      }
    }
  }

  /// Encodes texts, by several threads, and stores their vectors with the codes of the projector in force.
  private func putVectors(of texts: [String], by target: OpenModel) throws {
    var byKey: [SHA256Digest: String] = [:]
    for text in texts { byKey[PassageKey.of(text, model: target.hash)] = text }
    let sorted = byKey.map { (key: $0.key, text: $0.value) }.sorted { $0.text.utf8.count < $1.text.utf8.count }
    let lengths = sorted.map(\.text.utf8.count)
    var slices: [[(key: SHA256Digest, text: String)]] = []
    var start = 0
    while start < sorted.count {
      let end = target.pace.end(ofSliceFrom: start, in: lengths)
      slices.append(Array(sorted[start..<end]))
      start = end
    }
    let team = Team(slices: slices)
    for _ in 0..<encoderCount {
      encoders.submit { [self] in
        while !stops, let slice = team.next() {
          team.finish(Result { try pipeline.vectors(of: slice, by: target) })
        }
        team.leave(stops: stops)
      }
    }
    let vectors = try team.vectors(members: encoderCount)
    guard !stops else { throw CancellationError() }
    // A projector that comes into force from here on has its codes made before the change.
    let projector = try pipeline.store.projectorInForce(of: target.hash)
    let codes = projector.map { projector in
      let bytes = projector.codes(
        of: vectors.map { StoredVector(id: 0, key: $0.key, values: $0.values, scale: $0.scale) })
      return NewCodes(
        projector: projector.row.id, bytes: Dictionary(uniqueKeysWithValues: zip(vectors.map(\.key), bytes)))
    }
    try pipeline.store.put(vectors, of: target.hash, codes: codes)
  }

  private func codeMissing(_ target: OpenModel) throws {
    guard let projector = try pipeline.store.projectorInForce(of: target.hash) else { return }
    try pipeline.store.codeMissing(by: projector, includingUnused: true) { _ in !stops }
    guard !stops else { throw CancellationError() }
  }

  /// Lets the passages that have vectors of the new model take them.
  private func show(_ id: Int64, _ target: OpenModel) throws {
    try codeMissing(target)
    try pipeline.pausingCommits {
      _ = try pipeline.store.changeOver(share: id, to: target.hash, wholly: false)
      try reloadRows(target)
    }
  }

  /// The change itself. False: passages came meanwhile that must be encoded first, or another model is wanted by now.
  private func finish(_ id: Int64, _ target: OpenModel, after seen: Int64) throws -> Bool {
    try pipeline.pausingCommits {
      guard pipeline.shares[id]?.target?.hash == target.hash else { return false }
      let late = try pipeline.store.passages(of: id, lacking: target.hash, after: seen, limit: Self.lastFew + 1)
      guard late.count <= Self.lastFew else { return false }
      if !late.isEmpty { try putVectors(of: late.map(\.text), by: target) }
      CrashPoint.reach(.beforeChangeOver)
      guard try pipeline.store.changeOver(share: id, to: target.hash, wholly: true) == 0 else { return false }
      CrashPoint.reach(.changedOver)
      try codeMissing(target)
      try reloadRows(target)
      // Search has changed by now: so may what is said of the share.
      progress.withLock { $0[id] = nil }
      if let row = try pipeline.store.shares().first(where: { $0.id == id }) { pipeline.shares.update(row) }
      let kept = pipeline.modelsInForce
      pipeline.live.write { $0.dropEmptyParts(except: kept) }
      return true
    }
  }

  /// Shows what the store has now of all models: passages went from one to another.
  private func reloadRows(_ target: OpenModel) throws {
    var models = pipeline.live.read { live in
      Dictionary(uniqueKeysWithValues: live.parts.map { ($0.model, $0.dimensions) })
    }
    models[target.hash] = target.model.dimensions
    try pipeline.reloadRows(of: models)
  }
}

/// Threads that share the slices of one batch. Everything is touched under the condition's lock only, hence unchecked.
private final class Team: @unchecked Sendable {
  typealias Slice = [(key: SHA256Digest, text: String)]
  private let condition = NSCondition()
  private var slices: [Slice]
  private var done: [NewVector] = []
  private var failure: (any Error)?
  private var left = 0

  init(slices: [Slice]) { self.slices = slices }

  func next() -> Slice? { condition.withLock { failure == nil ? slices.popLast() : nil } }

  func finish(_ result: Result<[NewVector], any Error>) {
    condition.withLock {
      switch result {
      case .success(let vectors): done += vectors
      case .failure(let error): failure = failure ?? error
      }
    }
  }

  func leave(stops: Bool) {
    condition.withLock {
      if stops { failure = failure ?? CancellationError() }
      left += 1
      condition.broadcast()
    }
  }

  /// Waits for every member to leave.
  func vectors(members: Int) throws -> [NewVector] {
    try condition.withLock {
      while left < members { condition.wait() }
      if let failure { throw failure }
      return done
    }
  }
}
