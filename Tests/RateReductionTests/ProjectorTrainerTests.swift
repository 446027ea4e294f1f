import LinearAlgebra
import RateReduction
import Synchronization
import Testing

@Suite struct ProjectorTrainerTests {
  /// A training of seconds: small everything.
  private func trainer(dimensions: Int = 16, steps: Int = 60) -> ProjectorTrainer {
    var options = TrainingOptions(dimensions: dimensions, seed: 4)
    options.steps = steps
    options.batch = 64
    options.hidden = 32
    options.teacherDimensions = 32
    return ProjectorTrainer(options: options)
  }

  @Test func `training gives unit rows of the dimensions asked, the same for the same seed`() throws {
    let passages = Corpus.clustered(rows: 300, columns: 48, seed: 1)
    let queries = Corpus.near(passages.rows(at: (0..<600).map { $0 / 2 }), noise: 0.4, seed: 2)
    let owners = (0..<600).map { $0 / 2 }
    let told = Mutex<[Double]>([])
    let projector = try trainer().train(passages: passages, pseudoQueries: queries, owners: owners) { share in
      told.withLock { $0.append(share) }
      return true
    }
    #expect(projector.outputDimensions == 16)
    #expect(projector.rotationSeed == 4)
    let projected = projector.project(passages)
    #expect(abs(projected.row(7).reduce(0) { $0 + $1 * $1 } - 1) < 1e-5)
    #expect(told.withLock { $0 } == (1...60).map { Double($0) / 60 })
    #expect(try trainer().train(passages: passages, pseudoQueries: queries, owners: owners) == projector)
    #expect(try Projector(encoded: projector.encoded()) == projector)
    var another = trainer()
    another.options.seed = 5
    #expect(try another.train(passages: passages, pseudoQueries: queries, owners: owners) != projector)
  }

  @Test func `a trained projector keeps what its teacher ranks better than whitened PCA does in one bit`() throws {
    let passages = Corpus.clustered(rows: 1000, columns: 128, seed: 3, clusters: 40)
    let owners = (0..<3000).map { $0 / 3 }
    let queries = Corpus.near(passages.rows(at: owners), noise: 0.8, seed: 6)
    let held = Corpus.near(passages, noise: 0.8, seed: 7)
    var trainer = trainer(dimensions: 32, steps: 300)
    trainer.options.batch = 128
    trainer.options.hidden = 128
    trainer.options.teacherDimensions = 128
    let projector = try trainer.train(passages: passages, pseudoQueries: queries, owners: owners)
    let evaluation = ProjectorEvaluation(passages: passages, queries: held, owners: Array(0..<1000))
    let comparison = try evaluation.compare(projector, format: CodeFormat(dimensions: 32, bits: 1))
    print(comparison)
    #expect(comparison.isBetter)
    #expect(try !EffectiveRank.isCollapsed(projector.project(passages), classes: 1000))
  }

  @Test func `classes stand beside pairs, each by its own weight`() throws {
    let passages = Corpus.clustered(rows: 200, columns: 32, seed: 1)
    let owners = Array(0..<200)
    let queries = Corpus.near(passages, noise: 0.4, seed: 2)
    func trained(pairs: Float, classes weight: Float, _ classes: [Int]?) throws -> Projector {
      var trainer = trainer(dimensions: 8, steps: 5)
      (trainer.options.pairRate.weight, trainer.options.classRate.weight) = (pairs, weight)
      return try trainer.train(passages: passages, pseudoQueries: queries, owners: owners, classes: classes)
    }
    let classes = owners.map { $0 % 4 }
    let (both, pairs) = (try trained(pairs: 3, classes: 90, classes), try trained(pairs: 3, classes: 90, nil))
    let (alone, neither) = (try trained(pairs: 0, classes: 90, classes), try trained(pairs: 0, classes: 90, nil))
    let all = [both, pairs, alone, neither]
    for (i, a) in all.enumerated() { for b in all[..<i] { #expect(a != b) } }
    // Without their weight classes are nothing at all, not even rows that are drawn.
    #expect(try trained(pairs: 3, classes: 0, classes) == pairs)
    #expect(try trained(pairs: 0, classes: 0, classes) == neither)
  }

  @Test(arguments: [
    (300, 128, 500), (10_000, 128, 500), (20_000, 64, 1000), (48_000, 128, 1500), (48_000, 256, 1000),
    (100_000, 256, 1000),
  ]) func `a larger corpus is worth more steps`(passages: Int, dimensions: Int, steps: Int) {
    var options = TrainingOptions(dimensions: dimensions)
    #expect(options.steps(passages: passages) == steps)
    options.steps = 7
    #expect(options.steps(passages: passages) == 7)
  }

  @Test func `classes of several clusters are drawn apart from the others`() throws {
    let (rows, columns, clusters) = (400, 48, 12)
    let passages = Corpus.clustered(rows: rows, columns: columns, seed: 8, clusters: clusters)
    var classes = Corpus.clusters(rows: rows, columns: columns, seed: 8, clusters: clusters).map { $0 % 3 }
    var trainer = trainer(dimensions: 8, steps: 150)
    trainer.options.classRate.weight = 5000
    trainer.options.learningRate = 5e-3
    let projector = try trainer.train(passages: passages, classes: classes)
    let start = try Projector.whitenedPCA(of: passages, dimensions: 8)
    let reductions = try [start, projector].map {
      try CodingRate.reduction(of: $0.project(passages), labels: classes, distortion: 10).value
    }
    print("rate reduction before and after: \(reductions)")
    #expect(reductions[1] > 2 * reductions[0])
    // A class of its own for each, or none at all, teaches nothing, and harms nothing.
    classes = Array(0..<400)
    trainer.options.steps = 3
    let singletons = try trainer.train(passages: passages, classes: classes)
    #expect(singletons == (try trainer.train(passages: passages)))
    classes = [Int](repeating: -1, count: 400)
    #expect(singletons == (try trainer.train(passages: passages, classes: classes)))
  }

  @Test(arguments: [2, 3, 20, 63])
  func `a corpus smaller than a batch is trained on whole`(count: Int) throws {
    let passages = Corpus.clustered(rows: count, columns: 24, seed: 9)
    let queries = Corpus.near(passages, noise: 0.3, seed: 10)
    let projector = try trainer(dimensions: 8, steps: 20).train(
      passages: passages, pseudoQueries: queries, owners: Array(0..<count))
    #expect(projector.project(passages).firstNonFinite == nil)
    #expect(try trainer(dimensions: 8, steps: 20).train(passages: passages).outputDimensions == 8)
  }

  @Test func `a training can be cancelled`() throws {
    let passages = Corpus.clustered(rows: 100, columns: 24, seed: 11)
    let trainer = trainer(dimensions: 8)
    #expect(throws: RateReductionError.cancelled(step: 29)) {
      try trainer.train(passages: passages) { $0 < 0.5 }
    }
  }

  @Test func `a training whose time is up gives the best projector so far`() throws {
    let passages = Corpus.clustered(rows: 200, columns: 24, seed: 14)
    let heldOut = ProjectorEvaluation(
      passages: passages, queries: Corpus.near(passages, noise: 0.5, seed: 15), owners: Array(0..<200))
    let trainer = trainer(dimensions: 8)
    let steps = Mutex(0)
    func train(_ heldOut: ProjectorEvaluation?, deadline: ContinuousClock.Instant?) throws -> Projector {
      steps.withLock { $0 = 0 }
      return try trainer.train(passages: passages, heldOut: heldOut, deadline: deadline) { _ in
        steps.withLock { $0 += 1 }
        return true
      }
    }
    let past = ContinuousClock.now
    let short = try train(nil, deadline: past)
    #expect(steps.withLock { $0 } == 1)
    #expect(try train(heldOut, deadline: past) == short)
    #expect(steps.withLock { $0 } == 1)
    let whole = try train(nil, deadline: nil)
    #expect(steps.withLock { $0 } == 60 && whole != short)
    #expect(try train(nil, deadline: past + .seconds(86_400)) == whole)
  }

  @Test func `a loss that is not a number ends the training`() throws {
    let passages = Corpus.clustered(rows: 100, columns: 24, seed: 12)
    var trainer = trainer(dimensions: 8)
    trainer.options.learningRate = 1e30
    #expect {
      try trainer.train(passages: passages)
    } throws: { error in
      if case .nonFiniteLoss(let step)? = error as? RateReductionError { step > 0 } else { false }
    }
  }

  @Test func `inputs that do not fit one another are refused by name`() throws {
    let passages = Corpus.clustered(rows: 30, columns: 24, seed: 13)
    let trainer = trainer(dimensions: 8, steps: 2)
    #expect(throws: RateReductionError.invalid(what: "an owner", got: "30", expected: "a row in 0..<30")) {
      try trainer.train(passages: passages, pseudoQueries: passages.rows(0..<1), owners: [30])
    }
    #expect(throws: RateReductionError.self) {
      try trainer.train(passages: passages, pseudoQueries: passages, owners: [0])
    }
    #expect(throws: RateReductionError.self) { try trainer.train(passages: passages, classes: [1]) }
    #expect(throws: RateReductionError.empty(what: "the rows to find the axes of")) {
      try trainer.train(passages: Matrix(rows: 0, columns: 24))
    }
    #expect(throws: RateReductionError.noVariance(rows: 5)) {
      try trainer.train(passages: Matrix(rows: 5, columns: 24, repeating: 0.1))
    }
    var broken = passages
    broken[3, 3] = .nan
    #expect(throws: RateReductionError.notFinite(what: "the pseudo-queries", row: 3, column: 3)) {
      try trainer.train(passages: passages, pseudoQueries: broken, owners: Array(0..<30))
    }
    var options = TrainingOptions(dimensions: 25)
    #expect(throws: RateReductionError.invalid(what: "dimensions", got: "25", expected: "1...24")) {
      try ProjectorTrainer(options: options).train(passages: passages)
    }
    options = TrainingOptions(dimensions: 8)
    options.steps = 0
    #expect(throws: RateReductionError.invalid(what: "steps", got: "0", expected: "1 or more")) {
      try ProjectorTrainer(options: options).train(passages: passages)
    }
  }
}
