import LinearAlgebra
import Synchronization
import Testing

@testable import RateReduction

@Suite struct StudentTrainerTests {
  /// A made-up teacher: a text's vector is the direction of its tokens' true vectors, each times its own weight, and of
  /// some noise; what it says of a token alone is that token's true vector with noise, without its weight.
  private struct World {
    let tokens: Matrix
    let passages: StudentTrainer.Texts
    let queries: StudentTrainer.Texts
    let owners: [Int]
    let held: StudentTrainer.Texts

    init(vocabulary: Int = 200, columns: Int = 24, passages count: Int = 150, seed: UInt64) {
      var random = SeededGenerator(seed: seed)
      let truth = Matrix.gaussian(rows: vocabulary, columns: columns, using: &random)
      let weights = (0..<vocabulary).map { _ in Float(random.uniform() * random.uniform()) }
      func texts(_ ids: [[Int32]]) -> StudentTrainer.Texts {
        var rows = Matrix.gaussian(rows: ids.count, columns: columns, using: &random)
        for (row, ids) in ids.enumerated() {
          for c in 0..<columns {
            rows[row, c] *= 0.1
            for id in ids { rows[row, c] += weights[Int(id)] * truth[Int(id), c] }
          }
        }
        return StudentTrainer.Texts(bags: TokenBags(ids), teacher: rows.normalisedRows())
      }
      func draw(_ length: Int) -> [Int32] { (0..<length).map { _ in Int32(random.index(below: vocabulary)) } }
      let texts0 = (0..<count).map { _ in draw(30) }
      owners = (0..<count).flatMap { [$0, $0] }
      let asked = owners.map { owner in (0..<6).map { _ in texts0[owner][random.index(below: 30)] } }
      let held0 = (0..<80).map { _ in draw(30) }
      passages = texts(texts0)
      queries = texts(asked)
      held = texts(held0)
      var alone = truth
      for (i, noise) in Matrix.gaussian(rows: vocabulary, columns: columns, using: &random).values.enumerated() {
        alone.values[i] += 0.3 * noise
      }
      tokens = alone.normalisedRows()
    }

    /// Mean cosine of the student's held-out vectors with the teacher's.
    func cosine(_ table: Matrix) -> Float {
      zip(held.bags.sums(of: table).normalisedRows().values, held.teacher.values).reduce(0) { $0 + $1.0 * $1.1 }
        / Float(held.bags.count)
    }
  }

  /// All dimensions, so that the teacher's angles are kept whole: its axes are a rotation.
  private func trainer(steps: Int = 200, columns: Int = 24) -> StudentTrainer {
    var options = StudentOptions(dimensions: columns, seed: 4)
    options.steps = steps
    options.batch = 64
    options.learningRate = 2e-2
    return StudentTrainer(options: options)
  }

  private func train(_ trainer: StudentTrainer, _ world: World) throws -> Matrix {
    try trainer.train(
      tokens: world.tokens, passages: world.passages, pseudoQueries: world.queries, owners: world.owners)
  }

  @Test(arguments: [Float(0), 0.5])
  func `a fitted student is nearer to its teacher on unseen texts than one that was not`(rateWeight: Float) throws {
    let world = World(vocabulary: 100, passages: 600, seed: 21)
    var trainer = trainer()
    trainer.options.learningRate = 2e-3
    // This teacher adds up tokens itself: each that is left out moves what is to be met.
    trainer.options.dropout = 0
    trainer.options.rateWeight = rateWeight
    // Cosines are compared along the axes that the student has.
    let axes = Matrix(try PrincipalAxes(of: world.passages.teacher).axes)
    let before = try trainer.start(tokens: world.tokens, passages: world.passages).times(axes)
    let after = try train(trainer, world).times(axes)
    print("cosine on held-out texts: \(world.cosine(before)), fitted \(world.cosine(after))")
    #expect(world.cosine(after) > world.cosine(before) + 0.15)
  }

  @Test func `the same seed gives the same vectors, another one others, and progress is told step by step`() throws {
    let world = World(seed: 22)
    let told = Mutex<[Double]>([])
    let one = try trainer(steps: 8).train(
      tokens: world.tokens, passages: world.passages, pseudoQueries: world.queries, owners: world.owners
    ) { share in
      told.withLock { $0.append(share) }
      return true
    }
    #expect(told.withLock { $0 } == (1...8).map { Double($0) / 8 })
    #expect(try train(trainer(steps: 8), world) == one)
    var other = trainer(steps: 8)
    other.options.seed = 5
    #expect(try train(other, world) != one)
  }

  @Test func `a token that no text has stays where it started`() throws {
    let world = World(seed: 23)
    let table = try train(trainer(steps: 5), world)
    let start = try trainer().start(tokens: world.tokens, passages: world.passages)
    let seen = Set(world.passages.bags.tokens + world.queries.bags.tokens)
    // The vocabulary has one more than any text.
    let more = Matrix(rows: 201, columns: 24, values: world.tokens.values + world.tokens.row(0))
    let larger = try trainer(steps: 5).train(
      tokens: more, passages: world.passages, pseudoQueries: world.queries, owners: world.owners)
    #expect(larger.row(200) == (try trainer().start(tokens: more, passages: world.passages)).row(200))
    #expect(seen.contains { table.row(Int($0)) != start.row(Int($0)) })
  }

  @Test func `a fitting can be cancelled, and a loss that is no number ends it`() throws {
    let world = World(seed: 24)
    #expect(throws: RateReductionError.cancelled(step: 9)) {
      try trainer(steps: 20).train(
        tokens: world.tokens, passages: world.passages, pseudoQueries: world.queries, owners: world.owners
      ) { $0 < 0.5 }
    }
    var wild = trainer(steps: 20)
    wild.options.learningRate = 1e38
    #expect(throws: RateReductionError.self) { try train(wild, world) }
  }

  @Test func `a corpus smaller than a batch, without pseudo-queries, or with a text of no token is fitted to`() throws {
    let world = World(passages: 5, seed: 25)
    let bags = TokenBags([[], [1, 2], [3]])
    let few = StudentTrainer.Texts(bags: bags, teacher: world.passages.teacher.rows(0..<3))
    let none = StudentTrainer.Texts(bags: TokenBags([]), teacher: Matrix(rows: 0, columns: 24))
    let table = try trainer(steps: 10).train(tokens: world.tokens, passages: few, pseudoQueries: none, owners: [])
    #expect(table.firstNonFinite == nil)
  }

  @Test func `inputs that do not fit one another are refused by name`() throws {
    let world = World(seed: 26)
    func train(
      _ trainer: StudentTrainer, tokens: Matrix? = nil, owners: [Int]? = nil, passages: StudentTrainer.Texts? = nil
    ) throws {
      _ = try trainer.train(
        tokens: tokens ?? world.tokens, passages: passages ?? world.passages, pseudoQueries: world.queries,
        owners: owners ?? world.owners)
    }
    var wide = trainer()
    wide.options.dimensions = 25
    #expect(
      throws: RateReductionError.invalid(
        what: "the student's dimensions", got: "25", expected: "at most the teacher's 24")
    ) { try train(wide) }
    wide.options.dimensions = 0
    #expect(throws: RateReductionError.self) { try train(wide) }
    #expect(throws: RateReductionError.invalid(what: "an owner", got: "150", expected: "a passage in 0..<150")) {
      try train(trainer(), owners: [Int](repeating: 150, count: 300))
    }
    #expect(throws: RateReductionError.self) { try train(trainer(), owners: [0]) }
    #expect(throws: RateReductionError.self) { try train(trainer(), tokens: world.tokens.rows(0..<3)) }
    var broken = world.passages.teacher
    broken[2, 3] = .nan
    #expect(throws: RateReductionError.self) {
      try train(trainer(), passages: StudentTrainer.Texts(bags: world.passages.bags, teacher: broken))
    }
  }

  @Test func `bags hold each token once with its share, and sum as a dense product does`() {
    let bags = TokenBags([[7, 1, 3, 3, 2], [1, 2], []], leavingOut: [1, 2])
    #expect(bags.tokens == [3, 7] && bags.offsets == [0, 2, 2, 2])
    #expect(zip(bags.shares, [2 / 3, 1 / 3] as [Float]).allSatisfy { abs($0 - $1) < 1e-6 })

    var random = SeededGenerator(seed: 31)
    let table = Matrix.gaussian(rows: 30, columns: 9, using: &random)
    let texts = (0..<12).map { _ in (0..<random.index(below: 20)).map { _ in Int32(random.index(below: 30)) } }
    let many = TokenBags(texts)
    var dense = Matrix(rows: 12, columns: 30)
    for (row, text) in texts.enumerated() { for id in text { dense[row, Int(id)] += 1 / Float(text.count) } }
    let expected = dense.times(table)
    #expect(isNear(many.sums(of: table), expected))

    let batch = TokenBatch((0..<12).map { (many, $0) }, vocabulary: 30, using: &random)
    #expect(isNear(batch.sums(of: table), expected))
    let gradient = Matrix.gaussian(rows: 12, columns: 9, using: &random)
    #expect(isNear(batch.gradient(ofSums: gradient), dense.transposedTimes(gradient).rows(at: batch.tokens)))
    let halved = TokenBatch((0..<12).map { (many, $0) }, vocabulary: 30, dropping: 0.5, using: &random)
    #expect(halved.tokens.count < batch.tokens.count)
  }

  private func isNear(_ a: Matrix, _ b: Matrix) -> Bool {
    a.rows == b.rows && a.columns == b.columns && zip(a.values, b.values).allSatisfy { abs($0 - $1) < 1e-5 }
  }

  @Test func `a step moves its rows as Adam written out does`() {
    var random = SeededGenerator(seed: 32)
    var table = Matrix.gaussian(rows: 6, columns: 5, using: &random)
    let start = table
    var adam = SparseAdam(rows: 6, columns: 5)
    var (m, v) = ([Double](repeating: 0, count: 5), [Double](repeating: 0, count: 5))
    var expected = table.row(2).map(Double.init)
    for step in 1...4 {
      let gradient = Matrix.gaussian(rows: 2, columns: 5, using: &random)
      adam.step(&table, rows: [4, 2], gradient: gradient, rate: 0.1)
      for i in 0..<5 {
        let g = Double(gradient[1, i])
        m[i] = 0.9 * m[i] + 0.1 * g
        v[i] = 0.999 * v[i] + 0.001 * g * g
        var (first, second) = (1.0, 1.0)
        for _ in 0..<step { (first, second) = (first * 0.9, second * 0.999) }
        expected[i] -= 0.1 * (m[i] / (1 - first)) / ((v[i] / (1 - second)).squareRoot() + 1e-8)
      }
    }
    for (a, b) in zip(table.row(2), expected) { #expect(abs(Double(a) - b) < 1e-5) }
    #expect(table.row(0) == start.row(0) && table.row(4) != start.row(4))
  }

  @Test(arguments: [0, 1.3]) func `the loss's gradient agrees with finite differences`(rateWeight: Double) throws {
    var random = SeededGenerator(seed: 33)
    let loss = StudentLoss<Double>(temperature: 0.3, rateWeight: rateWeight, distortion: 0.4)
    var sums = DoubleMatrix(Matrix.gaussian(rows: 9, columns: 6, using: &random))
    let teacher = DoubleMatrix(Matrix.gaussian(rows: 9, columns: 6, using: &random)).normalisedRows()
    let owners = [0, 2, 2, 4]
    let gradient = try loss(sums: sums, teacher: teacher, owners: owners).gradient
    let width = 1e-5
    for i in sums.values.indices {
      let here = sums.values[i]
      sums.values[i] = here + width
      let above = try loss(sums: sums, teacher: teacher, owners: owners).value
      sums.values[i] = here - width
      let below = try loss(sums: sums, teacher: teacher, owners: owners).value
      sums.values[i] = here
      let expected = (above - below) / (2 * width)
      #expect(abs(gradient.values[i] - expected) < 1e-7 * max(1, abs(expected)), "[\(i)]")
    }
  }
}
