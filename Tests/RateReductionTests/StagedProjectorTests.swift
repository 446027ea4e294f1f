import LinearAlgebra
import Testing

@testable import RateReduction

@Suite struct StagedProjectorTests {
  private let passages = Corpus.clustered(rows: 500, columns: 64, seed: 21, clusters: 30)

  private func stages() throws -> StagedProjector {
    try .whitenedPCA(of: passages, format: CodeFormat(dimensions: 32, bits: 2), rotationSeed: 7)
  }

  @Test func `a row is the scanned code and the wide one behind it`() throws {
    let stages = try stages()
    let wide = try #require(stages.wide)
    #expect(wide.format == CodeFormat(dimensions: 64, bits: 4))
    #expect(stages.bytesPerRow == 8 + 32)
    let rows = stages.codes(of: passages.rows(3..<6))
    #expect(rows.map(\.count) == [40, 40, 40])
    #expect(rows.flatMap { $0.prefix(8) } == stages.scanned.codes(of: passages.rows(3..<6)))
    #expect(rows.flatMap { $0.suffix(32) } == wide.codes(of: passages.rows(3..<6)))
  }

  @Test func `codes that are as large as wide ones have none beside them`() throws {
    #expect(StagedProjector.wideFormat(beside: CodeFormat(dimensions: 128, bits: 2), width: 384)?.dimensions == 256)
    #expect(StagedProjector.wideFormat(beside: CodeFormat(dimensions: 256, bits: 4), width: 384) == nil)
    #expect(StagedProjector.wideFormat(beside: CodeFormat(dimensions: 64, bits: 8), width: 128) == nil)
    let alone = try StagedProjector.whitenedPCA(
      of: passages, format: CodeFormat(dimensions: 32, bits: 2), hasWide: false)
    #expect(alone.wide == nil && alone.bytesPerRow == 8)
    let bytes = (alone.encodedProjectors, alone.encodedQuantizers)
    #expect(bytes.0 == alone.scanned.projector.encoded() && bytes.1 == alone.scanned.quantizer.encoded())
    #expect(try StagedProjector(encodedProjectors: bytes.0, encodedQuantizers: bytes.1) == alone)
  }

  @Test func `bytes come back as both stages, and what is damaged or does not belong together is refused`() throws {
    let stages = try stages()
    let (projectors, quantizers) = (stages.encodedProjectors, stages.encodedQuantizers)
    #expect(try StagedProjector(encodedProjectors: projectors, encodedQuantizers: quantizers) == stages)
    var random = SeededGenerator(seed: 3)
    for _ in 0..<200 {
      var damaged = projectors
      damaged[random.index(below: damaged.count)] ^= UInt8(1 << random.index(below: 8))
      #expect(throws: RateReductionError.self) {
        try StagedProjector(encodedProjectors: damaged, encodedQuantizers: quantizers)
      }
    }
    #expect(throws: RateReductionError.self) {
      try StagedProjector(encodedProjectors: Array(projectors.dropLast()), encodedQuantizers: quantizers)
    }
    // One stage beside the quantisers of two.
    #expect(throws: RateReductionError.self) {
      try StagedProjector(
        encodedProjectors: stages.scanned.projector.encoded(), encodedQuantizers: quantizers)
    }
  }

  @Test func `some rows of a block score as they do in it, in the order asked`() throws {
    let scanned = try stages().scanned
    let block = CodeBlock(format: scanned.format)
    block.append(scanned.codes(of: passages))
    let query = scanned.quantizer.query(scanned.project(query: passages.row(11)))
    let all = block.scores(query)
    #expect(all.count == 500)
    #expect(all.indices.max { all[$0] < all[$1] } == 11)
    let some = [400, 11, 11, 0]
    #expect(block.rows(some).scores(query) == some.map { all[$0] })
  }

  @Test func `both stages are trained, and the wide one is whitened PCA where that ranks better`() throws {
    let owners = (0..<1000).map { $0 / 2 }
    let queries = Corpus.near(passages.rows(at: owners), noise: 0.8, seed: 5)
    let heldOut = ProjectorEvaluation(
      passages: passages, queries: Corpus.near(passages, noise: 0.8, seed: 6), owners: Array(0..<500))
    var options = TrainingOptions(dimensions: 16, seed: 4)
    (options.steps, options.batch, options.hidden) = (40, 64, 32)
    let trained = try StagedTrainer(options: options, bits: 2).train(
      passages: passages, pseudoQueries: queries, owners: owners, heldOut: heldOut)
    #expect(trained.stages.scanned.format == CodeFormat(dimensions: 16, bits: 2))
    #expect(trained.stages.scanned.projector.residual != nil)
    #expect((trained.stages.wide?.projector.residual == nil) == trained.isWideUntrained)
    #expect(!trained.isCutShort)
    let short = try StagedTrainer(options: options, bits: 2).train(
      passages: passages, pseudoQueries: queries, owners: owners, heldOut: heldOut, deadline: .now)
    #expect(short.isCutShort)
    #expect(short.stages.scanned != trained.stages.scanned)
    // A rate that ruins it: nothing is learnt that whitened PCA does not know better.
    options.learningRate = 3
    let ruined = try StagedTrainer(options: options, bits: 2).train(
      passages: passages, pseudoQueries: queries, owners: owners, heldOut: heldOut)
    #expect(ruined.isWideUntrained && ruined.stages.wide?.projector.residual == nil)
    #expect(!ruined.comparison.isBetter)
  }

  @Test func `a training that is told to stop stops in both stages`() throws {
    var options = TrainingOptions(dimensions: 16, seed: 4)
    (options.steps, options.batch, options.hidden) = (4000, 64, 32)
    let heldOut = ProjectorEvaluation(passages: passages, queries: passages, owners: Array(0..<500))
    #expect(throws: RateReductionError.self) {
      try StagedTrainer(options: options, bits: 2).train(
        passages: passages, pseudoQueries: passages, owners: Array(0..<500), heldOut: heldOut
      ) { $0 < 0.01 }
    }
  }

  @Test func `the best of the scores is kept, and patience has an end`() throws {
    let (first, second) = (try stages().scanned.projector, try #require(try stages().wide).projector)
    var stopping = EarlyStopping(patience: 2)
    let stops = [(0.3, first), (0.5, second), (0.5, first), (0.4, first)].map {
      stopping.shouldStop(with: $1, score: $0)
    }
    #expect(stops == [false, false, false, true])
    #expect(stopping.best == second)
    #expect((0..<100).filter { EarlyStopping.isDue(after: $0, of: 100) } == Array(stride(from: 54, through: 99, by: 5)))
    #expect((0..<3).filter { EarlyStopping.isDue(after: $0, of: 3) } == [1, 2])
  }
}
