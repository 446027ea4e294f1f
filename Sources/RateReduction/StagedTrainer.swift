import LinearAlgebra
package import LinuxSystem
import Synchronization

/// Trains the projectors of both stages of search, each on a thread of its own, and holds both against whitened PCA on
/// pseudo-queries that no training saw.
package struct StagedTrainer: Sendable {
  package var options: TrainingOptions
  /// Of the scanned codes.
  package var bits: Int
  package var hasWide: Bool
  package var priority: WorkerThreads.Priority

  package init(options: TrainingOptions, bits: Int, hasWide: Bool = true, priority: WorkerThreads.Priority = .query) {
    self.options = options
    self.bits = bits
    self.hasWide = hasWide
    self.priority = priority
  }

  package struct Trained: Sendable {
    package let stages: StagedProjector
    /// The scanned codes against whitened PCA in the same bytes.
    package let comparison: ProjectorEvaluation.Comparison
    /// The trained codes of the second stage against whitened PCA in the same bytes, whichever is kept; nil where there is
    /// no second stage.
    package let wideComparison: ProjectorEvaluation.Comparison?
    /// Whether the second stage is whitened PCA, because it ranks the held-out pseudo-queries better than the trained one.
    package let isWideUntrained: Bool
    /// Whether the deadline passed before both stages were trained.
    package let isCutShort: Bool
  }

  /// The parameters and errors are those of ``ProjectorTrainer/train(passages:pseudoQueries:owners:classes:axes:heldOut:deadline:progress:)``.
  package func train(
    passages: any SourceRows, pseudoQueries: any SourceRows, owners: [Int], classes: [Int]? = nil,
    heldOut: ProjectorEvaluation, deadline: ContinuousClock.Instant? = nil,
    progress: @escaping @Sendable (Double) -> Bool = { _ in true }
  ) throws -> Trained {
    let axes = try PrincipalAxes(of: passages)
    let format = CodeFormat(dimensions: options.dimensions, bits: bits)
    let wideFormat =
      hasWide ? StagedProjector.wideFormat(beside: format, width: passages.columns) : nil
    let shares = Mutex([Double](repeating: 0, count: wideFormat == nil ? 1 : 2))
    let bodies = [format, wideFormat].compactMap { $0 }.enumerated().map { stage, format in
      { @Sendable () throws -> (coded: CodedProjector, comparison: ProjectorEvaluation.Comparison) in
        var options = options
        options.dimensions = format.dimensions
        let projector = try ProjectorTrainer(options: options).train(
          passages: passages, pseudoQueries: pseudoQueries, owners: owners, classes: classes, axes: axes,
          heldOut: heldOut, deadline: deadline
        ) { share in
          // The slower of the two says how far the whole is.
          progress(
            shares.withLock {
              $0[stage] = share
              return $0.min()!
            })
        }
        let coded = try CodedProjector(projector, fittedTo: passages, bits: format.bits)
        return (coded, try heldOut.compare(projector, format: format, axes: axes))
      }
    }
    let trained = try WorkerThreads.concurrently(bodies, name: "train", priority: priority)
    let isCutShort = deadline.map { ContinuousClock.now >= $0 } ?? false
    var wide = trained.count > 1 ? trained[1].coded : nil
    let isWideUntrained = trained.count > 1 && !trained[1].comparison.isBetter
    if isWideUntrained, let wideFormat {
      wide = try .whitenedPCA(axes, wide: wideFormat, fittedTo: passages, rotationSeed: options.seed)
    }
    return Trained(
      stages: StagedProjector(scanned: trained[0].coded, wide: wide), comparison: trained[0].comparison,
      wideComparison: trained.count > 1 ? trained[1].comparison : nil, isWideUntrained: isWideUntrained,
      isCutShort: isCutShort)
  }
}
