import Glibc
import LinearAlgebra

/// Trains a projector on a corpus: from whitened PCA on, to keep through small codes the neighbours that a wide
/// projection sees, with the rate reduction beside it.
///
/// A passage and its pseudo-queries (its title, sentences of it) are a class, by ``TrainingOptions/pairRate``. Where there
/// are other classes (labels, folders), all of them are in every step too, a few passages each, by
/// ``TrainingOptions/classRate``, on a batch of their own beside the distillation, so that what is not in them is not
/// forgotten. Either weight may be 0.
///
/// Float32 on the caller's thread: about 25 ms a step of 256 passages with three pseudo-queries each. The same seed gives
/// the same projector on the same kind of processor.
package struct ProjectorTrainer: Sendable {
  package var options: TrainingOptions

  package init(options: TrainingOptions = TrainingOptions()) { self.options = options }

  /// - Parameters:
  ///   - passages: m × D source vectors, unit rows.
  ///   - pseudoQueries: source vectors of pseudo-queries, any number of them for a passage, also none.
  ///   - owners: for each pseudo-query, the row of its passage.
  ///   - classes: the class of each passage; a negative number is none. Fewer than two classes of two passages are as
  ///     good as nil.
  ///   - axes: of the passages, where they are at hand.
  ///   - heldOut: pseudo-queries of other passages. Where given, the projector is scored by them ten times in the second
  ///     half of the training, the best one is returned, and ``TrainingOptions/patience`` scores without a better one end
  ///     the training.
  ///   - deadline: the first step that ends after it is the last, and the best projector so far is what comes of it, scored
  ///     once more where pseudo-queries are held out.
  ///   - progress: told after each step what share of the work is done; false ends the training, and nothing comes of it.
  /// - Throws: ``RateReductionError``; ``RateReductionError/nonFiniteLoss(step:)`` and
  ///   ``RateReductionError/cancelled(step:)`` among them.
  package func train(
    passages: any SourceRows, pseudoQueries: (any SourceRows)? = nil, owners: [Int] = [], classes: [Int]? = nil,
    axes: PrincipalAxes? = nil, heldOut: ProjectorEvaluation? = nil,
    deadline: ContinuousClock.Instant? = nil, progress: @Sendable (Double) -> Bool = { _ in true }
  ) throws -> Projector {
    try options.check(input: passages.columns)
    let queries = pseudoQueries ?? Matrix(rows: 0, columns: passages.columns)
    try check(passages, queries, owners, classes)
    useOneThread()
    let axes = try axes ?? PrincipalAxes(of: passages)
    let start = try Projector.whitenedPCA(axes, dimensions: options.dimensions, gamma: options.startGamma)
    var generator = SeededGenerator(seed: options.seed &+ 0x9E37_79B9_7F4A_7C15)
    // Classes that nothing is weighed by take no part in a step.
    var sampler = BatchSampler(
      passages: passages, queries: queries, owners: owners,
      classes: options.classRate.weight == 0 && options.classContrast.weight == 0 ? [] : classes ?? [],
      options: options,
      teacher: try Projector.whitenedPCA(
        axes, dimensions: min(options.teacherDimensions, passages.columns), gamma: options.teacherGamma))
    let loss = ProjectorLoss<Float>(
      rotation: CodeQuantizer.rotation(dimensions: options.dimensions, seed: options.seed),
      temperature: options.temperature, teacherTemperature: options.teacherTemperature,
      passageWeight: options.distillationWeight * (queries.rows == 0 ? 1 : options.passageWeight),
      queryWeight: options.distillationWeight * (1 - options.passageWeight), answerShare: options.answerShare,
      pairWeight: queries.rows > 0 ? options.pairRate.weight : 0, pairDistortion: options.pairRate.distortion,
      classWeight: options.classRate.weight, classDistortion: options.classRate.distortion,
      contrastWeight: sampler.hasClasses ? options.classContrast.weight : 0,
      contrastTemperature: options.classContrast.temperature, isOneBit: options.isOneBit)
    var parameters = ProjectorParameters(start: start, hidden: options.hidden, using: &generator)
    var optimiser = AdamW(for: parameters, decay: options.weightDecay)
    var stopping = EarlyStopping(patience: options.patience)
    let steps = options.steps(passages: passages.rows)
    for step in 0..<steps {
      let (value, gradient) = try loss(sampler.next(using: &generator), parameters)
      guard value.isFinite else { throw RateReductionError.nonFiniteLoss(step: step) }
      let share = Double(step) / Double(steps)
      optimiser.step(
        &parameters, gradient: gradient, rate: options.learningRate * Float((1 + cos(.pi * share)) / 2))
      guard progress(Double(step + 1) / Double(steps)) else {
        throw RateReductionError.cancelled(step: step)
      }
      let ends = step + 1 < steps && deadline.map { ContinuousClock.now >= $0 } ?? false
      if let heldOut, ends || EarlyStopping.isDue(after: step, of: steps) {
        let projector = parameters.projector(rotationSeed: options.seed)
        if stopping.shouldStop(with: projector, score: heldOut.score(projector).nDCG10) { break }
      }
      if ends { break }
    }
    let projector = stopping.best ?? parameters.projector(rotationSeed: options.seed)
    guard projector.linear.firstNonFinite == nil, projector.project(passages.rows(0..<1)).firstNonFinite == nil else {
      throw RateReductionError.nonFiniteLoss(step: steps)
    }
    return projector
  }

  private func check(_ passages: any SourceRows, _ queries: any SourceRows, _ owners: [Int], _ classes: [Int]?) throws {
    guard queries.columns == passages.columns else {
      throw RateReductionError.invalid(
        what: "the pseudo-queries", got: "\(queries.columns) columns", expected: "\(passages.columns), as passages have"
      )
    }
    guard owners.count == queries.rows else {
      throw RateReductionError.invalid(
        what: "the owners of pseudo-queries", got: "\(owners.count)", expected: "\(queries.rows), one for each")
    }
    if let stray = owners.first(where: { !(0..<passages.rows ~= $0) }) {
      throw RateReductionError.invalid(what: "an owner", got: "\(stray)", expected: "a row in 0..<\(passages.rows)")
    }
    if let classes, classes.count != passages.rows {
      throw RateReductionError.invalid(
        what: "the classes", got: "\(classes.count)", expected: "\(passages.rows), one a passage")
    }
    try queries.checkFinite("the pseudo-queries")
  }
}
