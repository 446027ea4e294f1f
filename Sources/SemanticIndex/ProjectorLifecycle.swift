import Configuration
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
/// kept as `rejected`, with both figures. The same again each time the corpus has grown several-fold. Each model has
/// projectors of its own, made of its vectors.
final class ProjectorLifecycle: Sendable {
  private let pipeline: IndexingPipeline
  private let configuration: DaemonConfiguration.Projector
  private let limits: TrainingLimits
  private let logger: Logger
  private let thread = WorkerThreads(name: "train", count: 1, priority: .indexing)
  private let isBusy = Atomic<Bool>(false)
  private let isStopping = Atomic<Bool>(false)
  private let progressing = Mutex<TrainingProgress?>(nil)
  /// How often something was made, or tried to be.
  let attempts = Atomic<Int>(0)
  /// What can be made, and of whose vectors.
  private struct Attempt: Hashable {
    let method: ProjectionMethod
    let model: SHA256Digest
  }
  /// Passages at the last attempt of each kind, so that a failed one is not tried again at each commit.
  private let lastTried = Mutex<[Attempt: Int]>([:])

  private var store: PassageStore { pipeline.store }

  init(pipeline: IndexingPipeline, configuration: DaemonConfiguration.Projector, logger: Logger) {
    self.pipeline = pipeline
    self.configuration = configuration
    limits = TrainingLimits(time: configuration.trainingTime, memory: configuration.trainingMemory)
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
        defer { attempts.add(1, ordering: .relaxed) }
        lastTried.withLock { $0[due] = passages(of: due.model) }
        // Its share may just have changed over to another.
        guard let model = pipeline.models[due.model] else { continue }
        do {
          switch due.method {
          case .pcaWhitened: try bringIntoForce(makeWhitenedPCA(for: model))
          case .mcr2: try trainRateReduction(for: model)
          default: return
          }
        } catch is CancellationError {
          return
        } catch {
          if isStopping.load(ordering: .relaxed) { return }
          // Search goes on with what is in force; the next growth tries again.
          logger.error("making a projector (\(due.method.rawValue)) failed: \(error)")
        }
      }
    }
  }

  private func passages(of model: SHA256Digest) -> Int { pipeline.live.read { $0.part(of: model)?.liveCount } ?? 0 }

  /// What should be made now.
  private func isDue() -> Attempt? {
    let parts = pipeline.live.read { live in
      live.parts.map { (model: $0.model, count: $0.liveCount, stages: $0.projector?.stages) }
    }
    for part in parts where part.count >= configuration.minimumPassages {
      guard let model = pipeline.models[part.model] else { continue }
      // Codes of another form than the configuration has now are made anew.
      let isProjected = part.stages.map { isConfigured($0, for: model) } ?? false
      let whitening = Attempt(method: .pcaWhitened, model: part.model)
      let training = Attempt(method: .mcr2, model: part.model)
      let tried = lastTried.withLock { $0 }
      if !isProjected, tried[whitening].map({ Double(part.count) >= Double($0) * 1.5 }) ?? true {
        return whitening
      }
      // Training takes the processor from indexing: it waits until the queue is empty.
      guard configuration.train, isProjected, pipeline.ledger.count() == 0 else { continue }
      guard let before = tried[training] ?? trainedOn(training, format(for: model)) else { return training }
      if Double(part.count) >= Double(before) * configuration.retrainGrowth { return training }
    }
    return nil
  }

  /// Whether a projector's codes are of the form that the configuration has.
  private func isConfigured(_ stages: StagedProjector, for model: OpenModel) -> Bool {
    let format = format(for: model)
    let wide =
      configuration.rescore ? StagedProjector.wideFormat(beside: format, width: model.model.dimensions) : nil
    return stages.scanned.format == format && stages.wide?.format == wide
  }

  /// Passages that the newest projector of the kind was made from.
  private func trainedOn(_ attempt: Attempt, _ format: CodeFormat) -> Int? {
    guard let rows = try? store.projectors() else { return nil }  // the store's trouble shows elsewhere
    return rows.filter {
      $0.method == attempt.method.rawValue && $0.model == attempt.model
        && $0.dimensions == format.dimensions && $0.bits == format.bits
        && $0.reason?.hasPrefix("interrupted") != true
    }
    .compactMap { ProjectorProfile(json: $0.profile)?.passages }.max()
  }

  /// No wider than the model's own vectors.
  private func format(for model: OpenModel) -> CodeFormat {
    CodeFormat(dimensions: min(configuration.dimensions, model.model.dimensions / 8 * 8), bits: configuration.bits)
  }

  private func report(_ phase: TrainingProgress.Phase, _ fraction: Double = 0) {
    progressing.withLock { progress in
      let version = progress?.version ?? ((try? store.projectors())?.map(\.version).max() ?? 0) + 1
      progress = TrainingProgress(phase: phase, fraction: fraction, version: version)
    }
  }

  // MARK: Whitened PCA

  /// Makes the first projector of a model that a share is about to change over to, of vectors that no passage uses yet, and
  /// their codes: else all source vectors would be scanned for a while. Nil where there are too few.
  ///
  /// - Parameter passages: how many will have the model's vectors.
  func prepare(_ model: OpenModel, passages: Int) throws {
    guard passages >= configuration.minimumPassages, try store.activeProjector(of: model.hash) == nil,
      isBusy.compareExchange(expected: false, desired: true, ordering: .relaxed).exchanged
    else { return }
    defer {
      progressing.withLock { $0 = nil }
      isBusy.store(false, ordering: .relaxed)
    }
    let row = try makeWhitenedPCA(for: model, passages: passages)
    try store.codeMissing(
      by: ProjectorInForce(row: row, encoded: store.encodedProjector(row.id)), includingUnused: true
    ) { _ in !isStopping.load(ordering: .relaxed) }
    guard !isStopping.load(ordering: .relaxed) else { throw CancellationError() }
    try pipeline.pausingCommits {
      _ = try activate(row)
      try pipeline.reloadRows(of: [model.hash: model.model.dimensions])
    }
  }

  /// - Parameter passages: how many the corpus has; nil: those that have the model's vectors already.
  private func makeWhitenedPCA(for model: OpenModel, passages: Int? = nil) throws -> ProjectorRow {
    progressing.withLock { $0 = nil }
    report(.sampling)
    let seed: UInt64 = 1
    let sample = try self.sample(of: model, seed: seed, includingUnused: passages != nil)
    report(.fitting)
    let format = format(for: model)
    let stages = try StagedProjector.whitenedPCA(of: sample.rows, format: format, hasWide: configuration.rescore)
    return try insert(
      stages, method: .pcaWhitened, seed: seed, sample: sample, model: model,
      profile: ProjectorProfile(passages: passages ?? self.passages(of: model.hash), sampled: sample.rows.rows))
  }

  // MARK: MCR²

  private func trainRateReduction(for model: OpenModel) throws {
    progressing.withLock { $0 = nil }
    report(.sampling)
    let seed: UInt64 = 1
    let began = ContinuousClock.now
    let sample = try self.sample(of: model, seed: seed)
    let queried = try pseudoQueries(of: sample, model: model, seed: seed) { [limits] in
      limits.isEncodingOver(after: ContinuousClock.now - began)
    }
    report(.training)
    let format = format(for: model)
    let heldOut = ProjectorEvaluation(
      passages: sample.rows, queries: queried.heldOut.rows, owners: queried.heldOut.owners)
    let classes = try classes(of: sample, hasPairs: !queried.training.owners.isEmpty, seed: seed)
    let training = ObjectiveTraining(plan: classes, heldOut: heldOut, seed: seed)
    let end = began + limits.time
    let (trained, objective) = try training.train { source, share in
      // Each training has its share of the time that is left.
      let now = ContinuousClock.now
      let deadline = now + (end - now) * ((share(1) - share(0)) / (1 - share(0)))
      return try StagedTrainer(
        options: .retrieval(dimensions: format.dimensions, seed: seed, classes: source), bits: format.bits,
        hasWide: configuration.rescore, priority: .indexing
      ).train(
        passages: sample.rows, pseudoQueries: queried.training.rows, owners: queried.training.owners,
        classes: classes.classes[source], heldOut: heldOut, deadline: deadline
      ) { [self] fraction in
        report(.training, share(fraction))
        return !isStopping.load(ordering: .relaxed)
      }
    }
    CrashPoint.reach(.projectorTrained)
    if trained.isCutShort {
      logger.notice("the training took all its time, \(limits.time): it ended early, with the best projector so far")
    }
    report(.measuring)
    let projected = trained.stages.scanned.projector.project(sample.rows.spread(ProjectorEvaluation.mostCandidates))
    let comparison = trained.comparison
    var profile = ProjectorProfile(passages: passages(of: model.hash), sampled: sample.rows.rows)
    profile.score = comparison.candidate.nDCG10
    profile.baselineScore = comparison.baseline.nDCG10
    profile.heldOutQueries = queried.heldOut.rows.rows
    profile.objective = objective
    var rejection: String?
    if try EffectiveRank.isCollapsed(projected, classes: sample.rows.rows) {
      rejection =
        "rank collapse: the effective rank of its output is \(try EffectiveRank.of(projected)) of \(format.dimensions)"
    } else if !comparison.isBetter {
      rejection = "it does not beat whitened PCA on held-out pseudo-queries: \(comparison)"
    }
    let row = try insert(
      trained.stages, method: .mcr2, seed: seed, sample: sample, model: model, profile: profile,
      rejection: rejection)
    if let rejection {
      logger.notice("projector \(row.version) (mcr2) is rejected: \(rejection); \(objective)")
    } else {
      logger.notice("projector \(row.version) (mcr2): \(comparison); \(objective)")
      try bringIntoForce(row)
    }
  }

  /// What may be a class in the training, by where the passages are kept and what the configuration allows.
  private func classes(of sample: Sample, hasPairs: Bool, seed: UInt64) throws -> ClassPlan {
    var (labels, folders): (LabelledPassages?, FolderClasses.Choice?)
    let setting = configuration.classes
    if setting.asksForPlaces {
      let origins = try store.origins(ofVectors: sample.ids)
      let roots = Dictionary(uniqueKeysWithValues: try store.shares().map { ($0.id, $0.root) })
      let places = sample.ids.map { id in origins[id].flatMap { PassagePlace($0, roots: roots) } }
      if setting.allowsLabels, let file = configuration.labels {
        let list = LabelList(file: file, shares: Array(roots.values))
        list.report(to: logger)
        labels = LabelledPassages(places: places, list: list)
      }
      if setting.allowsFolders {
        let probes = ClassPrediction.probes(among: sample.rows.rows, seed: seed)
        folders = try FolderClasses.best(
          folders: places.map { $0?.folders ?? [] }, files: places.map { $0?.file ?? -1 }, probes: probes,
          vectors: sample.rows.rows(at: probes), seed: seed)
      }
    }
    return ClassPlan(setting: setting, labels: labels, folders: folders, hasPairs: hasPairs)
  }

  private struct Sample {
    let rows: QuantizedRows
    /// The vector of each row.
    let ids: [Int64]
    let fingerprint: String
  }

  private func sample(of model: OpenModel, seed: UInt64, includingUnused: Bool = false) throws -> Sample {
    var rows = QuantizedRows(columns: model.model.dimensions)
    let limit = limits.passages(dimensions: rows.columns)
    rows.reserve(min(limit, passages(of: model.hash)))
    var ids: [Int64] = []
    var hasher = SHA256Digest.Hasher()
    try store.forEachSampledVector(
      limit: limit, seed: seed, model: model.hash, includingUnused: includingUnused
    ) { vector in
      guard vector.values.count == rows.columns else { return }  // a damaged row: `verify` names it
      ids.append(vector.id)
      rows.append(vector.values, scale: vector.scale)
      vector.key.bytes.withUnsafeBytes { hasher.update($0) }
    }
    return Sample(rows: rows, ids: ids, fingerprint: hasher.finish().description)
  }

  /// Pseudo-queries of random passages of the sample, as many as there is time for.
  private func pseudoQueries(
    of sample: Sample, model: OpenModel, seed: UInt64, isTimeUp: () -> Bool
  ) throws -> PseudoQueryEncoder.Outcome {
    report(.encoding)
    let encoder = PseudoQueryEncoder(
      store: store, model: model.hash, dimensions: model.model.dimensions,
      encode: { try model.encoder.encode($0, as: .query) })
    let outcome = try encoder.vectors(ofPassagesWith: sample.ids, seed: seed, isTimeUp: isTimeUp) { [self] fraction in
      guard !isStopping.load(ordering: .relaxed) else { throw CancellationError() }
      report(.encoding, fraction)
    }
    logger.info("training: \(outcome)")
    return outcome
  }

  // MARK: Into force

  private func insert(
    _ stages: StagedProjector, method: ProjectionMethod, seed: UInt64, sample: Sample,
    model: OpenModel, profile: ProjectorProfile, rejection: String? = nil
  ) throws -> ProjectorRow {
    let parent = try store.activeProjector(of: model.hash)?.id
    let row = try store.insertProjector(
      NewProjector(
        parent: parent, state: rejection == nil ? .candidate : .rejected, method: method.rawValue,
        dimensions: stages.scanned.format.dimensions, bits: stages.scanned.format.bits, recipe: "{}", seed: seed,
        corpusFingerprint: sample.fingerprint, profile: profile.json, reason: rejection, created: WallClock.now(),
        model: model.hash,
        encoded: EncodedProjector(projector: stages.encodedProjectors, quantizer: stages.encodedQuantizers)))
    CrashPoint.reach(.projectorInserted)
    return row
  }

  /// Makes codes of all passages beside those in force, then changes over in one transaction.
  private func bringIntoForce(_ row: ProjectorRow) throws {
    let next = try ProjectorInForce(row: row, encoded: store.encodedProjector(row.id))
    let total = max(1, passages(of: row.model))
    try store.codeMissing(by: next) { made in
      report(.coding, min(1, Double(made) / Double(total)))
      return !isStopping.load(ordering: .relaxed)
    }
    guard !isStopping.load(ordering: .relaxed), let model = pipeline.models[row.model] else {
      throw CancellationError()
    }
    CrashPoint.reach(.codesWritten)
    let retired = pipeline.live.read { $0.part(of: row.model)?.projector?.row.id }
    try pipeline.pausingCommits {
      // What was committed meanwhile; nothing more can come now.
      try store.codeMissing(by: next)
      _ = try activate(row)
      CrashPoint.reach(.projectorActivated)
      try pipeline.reloadRows(of: [model.hash: model.model.dimensions])
    }
    if let retired { try store.dropCodes(projector: retired) }
    logger.notice("projector \(row.version) (\(row.method), \(row.dimensions)-d × \(row.bits) bits) is in force")
  }

  private func activate(_ row: ProjectorRow) throws -> ProjectorRow {
    do { return try store.activate(row.id) } catch {
      // Only its copy beside the database may have failed: what the database says counts at the next start too.
      guard let active = try store.activeProjector(of: row.model), active.id == row.id else { throw error }
      logger.error("keeping a copy of projector \(row.version): \(error)")
      return active
    }
  }
}
