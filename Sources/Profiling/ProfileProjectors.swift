import Evaluation
import LinearAlgebra
import RateReduction

/// The projectors and rescorers of one corpus, each made once.
final class ProfileProjectors {
  private struct Key: Hashable {
    let method: ProjectionMethod
    let dimensions: Int
  }

  private let corpus: ProfileCorpus
  private let seed: UInt64
  private let classes: ClassSource
  private let trained: @Sendable (Int) -> Void
  private lazy var learned = corpus.vectors.rows(at: corpus.training)
  private var projectors: [Key: Projector] = [:]
  private var rescorers: [String: Rescorer] = [:]
  /// Seconds of each training, by dimensions.
  private(set) var trainingSeconds: [Int: Double] = [:]

  /// `trained` is told 1 after each training. Trainings draw together what `classes` says: pairs, or nothing.
  init(
    _ corpus: ProfileCorpus, seed: UInt64, classes: ClassSource = .pseudo,
    trained: @escaping @Sendable (Int) -> Void
  ) {
    self.corpus = corpus
    self.seed = seed
    self.classes = classes
    self.trained = trained
  }

  /// The corpus as a point keeps it.
  func rows(_ point: ProfilePoint) throws -> CompressedRows {
    try CompressedRows(
      corpus.vectors, projector: projector(point.method, point.dimensions), bits: point.bits,
      isSource: point.method == .full, rescorer: point.rescorer.map { try rescorer($0, point.method) },
      candidates: corpus.candidates(forBytes: point.codeBytes))
  }

  private func projector(_ method: ProjectionMethod, _ dimensions: Int) throws -> Projector {
    let key = Key(method: method, dimensions: dimensions)
    if let known = projectors[key] { return known }
    let made =
      method == .mcr2 ? try train(dimensions) : try method.projector(for: learned, dimensions: dimensions, seed: seed)
    projectors[key] = made
    return made
  }

  private func train(_ dimensions: Int) throws -> Projector {
    let start = ContinuousClock.now
    let projector = try ProjectorTrainer(
      options: .retrieval(dimensions: dimensions, seed: seed, classes: classes)
    ).train(passages: learned, pseudoQueries: corpus.trainingQuestions, owners: corpus.trainingOwners)
    let time = (ContinuousClock.now - start).components
    trainingSeconds[dimensions] = Double(time.seconds) + Double(time.attoseconds) * 1e-18
    trained(1)
    return projector
  }

  /// What ranks again: one for all methods without a training.
  private func rescorer(_ kind: Rescorer.Kind, _ method: ProjectionMethod) throws -> Rescorer {
    let name = "\(kind) \(kind == .wide && method == .mcr2)"
    if let known = rescorers[name] { return known }
    let wide = min(StagedProjector.wideDimensions, corpus.vectors.columns)
    let made =
      switch kind {
      case .source: Rescorer.source(corpus.vectors)
      case .wide:
        try Rescorer.wide(
          corpus.vectors,
          projector: method == .mcr2
            ? projector(.mcr2, wide)
            : .whitenedPCA(of: learned, dimensions: wide, gamma: StagedProjector.wideGamma, rotationSeed: seed))
      }
    rescorers[name] = made
    return made
  }
}
