import Configuration
import Evaluation
import Foundation
import LinearAlgebra
import LinuxSystem
import Logging
import PassageStore
import RateReduction
import SentenceEncoder
import Synchronization

/// Makes projectors as the corpus grows, and puts into force what is proved better.
///
/// Version 1 is whitened PCA, as soon as there are enough passages for it; until then search scans source vectors. Then,
/// when indexing comes to rest, an MCR² projector is trained on the share's own passages and pseudo-queries. It comes
/// into force only where it ranks held-out pseudo-queries better than whitened PCA of the same bytes does; else it is
/// kept as `rejected`, with both figures. The same again each time the corpus has grown several-fold.
final class ProjectorLifecycle: Sendable {
  private let pipeline: IndexingPipeline
  private let configuration: DaemonConfiguration.Projector
  private let logger: Logger
  private let thread = WorkerThreads(name: "train", count: 1, priority: .indexing)
  private let isBusy = Atomic<Bool>(false)
  private let isStopping = Atomic<Bool>(false)
  private let progressing = Mutex<TrainingProgress?>(nil)
  /// Passages at the last attempt of each kind, so that a failed one is not tried again at each commit.
  private let lastTried = Mutex<[String: Int]>([:])

  private var store: PassageStore { pipeline.store }

  /// Source vectors that PCA and the training see at most.
  private static let largestSample = 20_000
  /// Passages whose pseudo-queries are made at most: encoding those costs more than the training.
  private static let queriedPassages = 2_000
  /// Passages whose pseudo-queries only measure.
  private static let heldOutPassages = 400

  init(pipeline: IndexingPipeline, configuration: DaemonConfiguration.Projector, logger: Logger) {
    self.pipeline = pipeline
    self.configuration = configuration
    self.logger = logger
  }

  /// The training that runs, if one does.
  var progress: TrainingProgress? { progressing.withLock { $0 } }

  func stop() {
    isStopping.store(true, ordering: .relaxed)
    thread.stop()
  }

  /// Looks whether it is time; called after all that was done, and cheap then.
  func corpusGrew() {
    guard !isStopping.load(ordering: .relaxed), isDue() != nil,
      isBusy.compareExchange(expected: false, desired: true, ordering: .relaxed).exchanged
    else { return }
    thread.submit { [self] in
      defer {
        progressing.withLock { $0 = nil }
        isBusy.store(false, ordering: .relaxed)
        // What came between the last look and this counts too.
        corpusGrew()
      }
      while !isStopping.load(ordering: .relaxed), let due = isDue() {
        lastTried.withLock { $0[due.rawValue] = passages }
        do {
          switch due {
          case .pcaWhitened: try makeWhitenedPCA()
          case .mcr2: try trainRateReduction()
          default: return
          }
        } catch is CancellationError {
          return
        } catch {
          if isStopping.load(ordering: .relaxed) { return }
          // Search goes on with what is in force; the next growth tries again.
          logger.error("making a projector (\(due.rawValue)) failed: \(error)")
        }
      }
    }
  }

  private var passages: Int { pipeline.live.read { $0.livePassages } }

  /// What should be made now.
  private func isDue() -> ProjectionMethod? {
    let count = passages
    guard count >= configuration.minimumPassages else { return nil }
    let active = pipeline.live.read { $0.projector?.row }
    let tried = lastTried.withLock { $0 }
    func isNew(_ method: ProjectionMethod) -> Bool {
      guard let before = tried[method.rawValue] ?? trainedOn(method) else { return true }
      return Double(count) >= Double(before) * configuration.retrainGrowth
    }
    if active == nil, tried[ProjectionMethod.pcaWhitened.rawValue].map({ Double(count) >= Double($0) * 1.5 }) ?? true {
      return .pcaWhitened
    }
    // Training takes the processor from indexing: it waits until the queue is empty.
    guard configuration.train, active != nil, pipeline.ledger.count() == 0, isNew(.mcr2) else { return nil }
    return .mcr2
  }

  /// Passages that the newest projector of a method was made from.
  private func trainedOn(_ method: ProjectionMethod) -> Int? {
    guard let rows = try? store.projectors() else { return nil }  // the store's trouble shows elsewhere
    return rows.filter { $0.method == method.rawValue && $0.reason?.hasPrefix("interrupted") != true }
      .compactMap { ProjectorProfile(json: $0.profile)?.passages }.max()
  }

  private var format: CodeFormat { CodeFormat(dimensions: configuration.dimensions, bits: configuration.bits) }

  private func report(_ phase: TrainingProgress.Phase, _ fraction: Double = 0) {
    progressing.withLock { progress in
      let version = progress?.version ?? ((try? store.projectors())?.map(\.version).max() ?? 0) + 1
      progress = TrainingProgress(phase: phase, fraction: fraction, version: version)
    }
  }

  // MARK: Whitened PCA

  private func makeWhitenedPCA() throws {
    progressing.withLock { $0 = nil }
    report(.sampling)
    let seed: UInt64 = 1
    let sample = try self.sample(seed: seed)
    report(.fitting)
    let projector = try Projector.whitenedPCA(of: sample.rows, dimensions: configuration.dimensions)
    let quantizer = try CodeQuantizer.fit(
      projector.project(sample.rows), format: format, seed: projector.rotationSeed)
    let row = try insert(
      projector, quantizer, method: .pcaWhitened, seed: seed, sample: sample,
      profile: ProjectorProfile(passages: passages, sampled: sample.rows.rows))
    try bringIntoForce(row)
  }

  // MARK: MCR²

  private func trainRateReduction() throws {
    progressing.withLock { $0 = nil }
    report(.sampling)
    let seed: UInt64 = 1
    let sample = try self.sample(seed: seed)
    let queried = try pseudoQueries(of: sample, seed: seed)
    report(.training)
    let trainer = ProjectorTrainer(options: TrainingOptions(dimensions: configuration.dimensions, seed: seed))
    let projector = try trainer.train(
      passages: sample.rows, pseudoQueries: queried.training.rows, owners: queried.training.owners
    ) { [self] fraction in
      report(.training, fraction)
      return !isStopping.load(ordering: .relaxed)
    }
    CrashPoint.reach(.projectorTrained)
    report(.measuring)
    let projected = projector.project(sample.rows)
    let quantizer = try CodeQuantizer.fit(projected, format: format, seed: projector.rotationSeed)
    let comparison = try ProjectorEvaluation(
      passages: sample.rows, queries: queried.heldOut.rows, owners: queried.heldOut.owners
    ).compare(projector, format: format)
    var profile = ProjectorProfile(passages: passages, sampled: sample.rows.rows)
    profile.score = comparison.candidate.nDCG10
    profile.baselineScore = comparison.baseline.nDCG10
    profile.heldOutQueries = queried.heldOut.rows.rows
    var rejection: String?
    if try EffectiveRank.isCollapsed(projected, classes: sample.rows.rows) {
      rejection =
        "rank collapse: the effective rank of its output is \(try EffectiveRank.of(projected)) of \(configuration.dimensions)"
    } else if !comparison.isBetter {
      rejection = "it does not beat whitened PCA on held-out pseudo-queries: \(comparison)"
    }
    let row = try insert(
      projector, quantizer, method: .mcr2, seed: seed, sample: sample, profile: profile, rejection: rejection)
    if let rejection {
      logger.notice("projector \(row.version) (mcr2) is rejected: \(rejection)")
    } else {
      logger.notice("projector \(row.version) (mcr2): \(comparison)")
      try bringIntoForce(row)
    }
  }

  /// Pseudo-queries as vectors, each with the row of its passage.
  private struct PseudoQueryVectors {
    let rows: Matrix
    let owners: [Int]
  }

  private struct Sample {
    let rows: Matrix
    let keys: [SHA256Digest: Int]
    let fingerprint: String
  }

  private func sample(seed: UInt64) throws -> Sample {
    let vectors = try store.sampleVectors(limit: Self.largestSample, seed: seed, model: pipeline.model.hash)
    var hasher = SHA256Digest.Hasher()
    for vector in vectors { vector.key.bytes.withUnsafeBytes { hasher.update($0) } }
    return Sample(
      rows: SourceVectors.matrix(of: vectors),
      keys: Dictionary(uniqueKeysWithValues: vectors.enumerated().map { ($1.key, $0) }),
      fingerprint: hasher.finish().description)
  }

  /// Pseudo-queries of random passages, encoded; those of the last few hundred passages are held out.
  private func pseudoQueries(
    of sample: Sample, seed: UInt64
  ) throws -> (training: PseudoQueryVectors, heldOut: PseudoQueryVectors) {
    report(.encoding)
    let wanted = Self.queriedPassages + Self.heldOutPassages
    let passages = try store.randomPassages(limit: wanted, seed: seed)
      .compactMap { passage in
        sample.keys[PassageKey.of(passage.text, model: pipeline.model.hash)].map { (row: $0, passage: passage) }
      }
    let heldOutFrom = passages.count - min(Self.heldOutPassages, passages.count / 5)
    let questions = PseudoQueries(
      of: passages.map { (title: $0.passage.heading ?? "", text: $0.passage.text) }, seed: seed)
    var values: [Float] = []
    let order = questions.texts.indices.sorted { questions.texts[$0].utf8.count < questions.texts[$1].utf8.count }
    var rows = [[Float]](repeating: [], count: order.count)
    for start in stride(from: 0, to: order.count, by: 64) {
      guard !isStopping.load(ordering: .relaxed) else { throw CancellationError() }
      let slice = order[start..<min(start + 64, order.count)]
      let encoded = try pipeline.encoder.encode(slice.map { questions.texts[$0] }, as: .query)
      for (row, index) in slice.enumerated() { rows[index] = encoded.row(row) }
      report(.encoding, Double(start + slice.count) / Double(order.count))
    }
    func vectors(_ belongs: (Int) -> Bool) -> PseudoQueryVectors {
      let chosen = questions.owners.indices.filter { belongs(questions.owners[$0]) }
      values = chosen.flatMap { rows[$0] }
      return PseudoQueryVectors(
        rows: Matrix(rows: chosen.count, columns: pipeline.model.dimensions, values: values),
        owners: chosen.map { passages[questions.owners[$0]].row })
    }
    return (vectors { $0 < heldOutFrom }, vectors { $0 >= heldOutFrom })
  }

  // MARK: Into force

  private func insert(
    _ projector: Projector, _ quantizer: CodeQuantizer, method: ProjectionMethod, seed: UInt64, sample: Sample,
    profile: ProjectorProfile, rejection: String? = nil
  ) throws -> ProjectorRow {
    let parent = pipeline.live.read { $0.projector?.row.id }
    let row = try store.insertProjector(
      NewProjector(
        parent: parent, state: rejection == nil ? .candidate : .rejected, method: method.rawValue,
        dimensions: configuration.dimensions, bits: configuration.bits, recipe: "{}", seed: seed,
        corpusFingerprint: sample.fingerprint, profile: profile.json, reason: rejection, created: WallClock.now(),
        model: pipeline.model.hash,
        encoded: EncodedProjector(projector: projector.encoded(), quantizer: quantizer.encoded())))
    CrashPoint.reach(.projectorInserted)
    return row
  }

  /// Makes codes of all passages beside those in force, then changes over in one transaction.
  private func bringIntoForce(_ row: ProjectorRow) throws {
    let next = try ProjectorInForce(row: row, encoded: store.encodedProjector(row.id))
    let total = max(1, passages)
    try store.codeMissing(by: next) { made in
      report(.coding, min(1, Double(made) / Double(total)))
      return !isStopping.load(ordering: .relaxed)
    }
    guard !isStopping.load(ordering: .relaxed) else { throw CancellationError() }
    CrashPoint.reach(.codesWritten)
    let retired = pipeline.live.read { $0.projector?.row.id }
    try pipeline.pausingCommits {
      // What was committed meanwhile; nothing more can come now.
      try store.codeMissing(by: next)
      let active = try activate(row)
      CrashPoint.reach(.projectorActivated)
      var loaded = pipeline.live.read { $0.copy() }
      loaded.replaceRows(
        projector: ProjectorInForce(row: active, projector: next.projector, quantizer: next.quantizer),
        format: next.quantizer.format)
      try store.fill(&loaded)
      pipeline.live.write { $0 = loaded }
    }
    if let retired { try store.dropCodes(projector: retired) }
    logger.notice("projector \(row.version) (\(row.method), \(row.dimensions)-d × \(row.bits) bits) is in force")
  }

  private func activate(_ row: ProjectorRow) throws -> ProjectorRow {
    do { return try store.activate(row.id) } catch {
      // Only its copy beside the database may have failed: what the database says counts at the next start too.
      guard let active = try store.activeProjector(), active.id == row.id else { throw error }
      logger.error("keeping a copy of projector \(row.version): \(error)")
      return active
    }
  }
}
