import Evaluation
import LinearAlgebra
import Profiling
import RateReduction
import Synchronization
import Testing

@Suite("The measuring of a profile")
struct ProfileSweepTests {
  private static let width = 32

  /// Passages around centres, and questions near their passages.
  private func corpus(
    damaged: Bool = false, questionsAreNoise: Bool = false, total: Int? = nil
  ) throws -> ProfileCorpus {
    var generator = SeededGenerator(seed: 7)
    let texts = (0..<260).map { (title: "Title of \($0)", text: "Passage \($0). It has number \($0 * 3) in it.") }
    let split = try HeldOutSplit(name: "made", passages: texts, seed: 1)
    func near(_ row: [Float], _ deviation: Float) -> [Float] {
      row.map { $0 + deviation * Float(generator.gaussian()) }
    }
    let centres = (0..<20).map { _ in near([Float](repeating: 0, count: Self.width), 1) }
    var rows = texts.indices.map { near(centres[$0 % 20], 0.8) }
    let questions = split.questions.owners.map {
      near(rows[$0], questionsAreNoise ? 0 : 0.5).map { questionsAreNoise ? -$0 : $0 }
    }
    let learned = split.trainingQuestions.owners.map { near(rows[split.training[$0]], 0.5) }
    if damaged { rows[17][3] = .nan }
    return try ProfileCorpus(
      name: "made", vectors: Matrix(rows: rows, columns: Self.width).normalisedRows(), split: split,
      questions: Matrix(rows: questions, columns: Self.width).normalisedRows(),
      trainingQuestions: Matrix(rows: learned, columns: Self.width).normalisedRows(), total: total,
      databaseBytes: 1_000)
  }

  @Test func `whole vectors keep all, every point has its figures, and each format is scanned once`() throws {
    let plan = ProfilePlan(methods: [.full, .truncate, .pca, .pcaWhitened], dimensions: [8, 16], bits: [32, 2, 1])
    let sweep = ProfileSweep([try corpus()], points: try plan.points(inputDimensions: Self.width), seed: 1)
    var scanned: [CodeFormat] = []
    let done = Mutex(0)
    let rows = try sweep.run(
      scan: { format in
        scanned.append(format)
        return ([10_000: 1, 1_000_000: Double(format.bytesPerCode)], nil)
      }, progress: { more in done.withLock { $0 += more } })
    #expect(rows.map(\.point) == sweep.points)
    #expect(done.withLock { $0 } == sweep.ticks)
    #expect(Set(scanned).count == scanned.count && scanned.count == 6)
    #expect(rows[0].point.name == "full, 32-d × float" && rows[0].measures[0].kept == Interval(1, 1, 1))
    #expect(rows[0].measures[0].recallOfFull == 1 && rows[0].measures[0].ndcgAt10 > 0.5)
    #expect(rows[0].cost.scanMilliseconds.isEmpty)
    for row in rows {
      let measure = row.measures[0]
      #expect(measure.queryCount == 52 * 3)
      #expect(measure.kept.low <= measure.kept.value && measure.kept.value <= measure.kept.high)
      #expect((0...1).contains(measure.recallOfFull))
      let isCompared = row.point.method != .full && row.point.method != .pcaWhitened
      #expect((measure.overWhitened != nil) == isCompared)
      if let over = measure.overWhitened {
        let whitened = try #require(rows.first { $0.point == row.point.whitened })
        #expect(abs(over.value - (measure.kept.value - whitened.measures[0].kept.value)) < 1e-9)
      }
      if let format = row.point.format {
        #expect(row.cost.scanMilliseconds[1_000_000] == Double(format.bytesPerCode))
      }
    }
    func kept(_ method: ProjectionMethod, _ dimensions: Int, _ bits: Int, _ rescorer: Rescorer.Kind? = nil) throws
      -> Double
    {
      let row = rows.first {
        $0.point.method == method && $0.point.dimensions == dimensions && $0.point.bits == bits
          && $0.point.rescorer == rescorer
      }
      return try #require(row).measures[0].kept.value
    }
    #expect(try kept(.pca, 8, 1) < kept(.pca, 16, 32))
    for row in rows { #expect(row.candidateShare == (row.point.rescorer == nil ? nil : 1)) }
    #expect(try kept(.pcaWhitened, 8, 1, .wide) > kept(.pcaWhitened, 8, 1))
  }

  @Test func `what is recommended is held against distillation alone, trained once more, and nothing else is`() throws {
    let plan = ProfilePlan(methods: [.full, .mcr2], dimensions: [16], bits: [4, 1], stages: [nil])
    let sweep = ProfileSweep([try corpus()], points: try plan.points(inputDimensions: Self.width), seed: 1)
    let chosen = try #require(sweep.points.first { $0.method == .mcr2 && $0.bits == 1 })
    let done = Mutex(0)
    let rows = try sweep.run(
      scan: { _ in ([:], nil) },
      control: { rows in
        #expect(rows.allSatisfy { $0.losesToDistillation == nil })
        return chosen
      }, progress: { more in done.withLock { $0 += more } })
    #expect(done.withLock { $0 } == sweep.ticks)
    for row in rows { #expect((row.losesToDistillation != nil) == (row.point == chosen)) }
    let row = try #require(rows.first { $0.point == chosen })
    let difference = try #require(row.measures[0].overDistillation)
    #expect(difference.low <= difference.value && difference.value <= difference.high && difference.value != 0)
    #expect(row.losesToDistillation == (difference.high < 0))
  }

  @Test func `a vector that is not finite is named, and so are questions that nothing answers`() throws {
    #expect(throws: ProfileError.notFinite(name: "made", row: 17)) { try corpus(damaged: true) }
    let plan = ProfilePlan(methods: [.full], dimensions: [8], bits: [32], stages: [nil])
    let sweep = ProfileSweep(
      [try corpus(questionsAreNoise: true)], points: try plan.points(inputDimensions: Self.width), seed: 1)
    #expect(throws: ProfileError.self) { try sweep.run(scan: { _ in ([:], nil) }) }
  }

  @Test func `a choice of the passages has so many fewer candidates as it is smaller`() throws {
    let corpus = try corpus()
    #expect(corpus.candidates(forBytes: 16) == 1_000 && corpus.candidates(forBytes: 64) == 200)
    let chosen = try self.corpus(total: 2_600)
    #expect(chosen.candidates(forBytes: 16) == 100 && chosen.candidates(forBytes: 32) == 40)
    #expect(try self.corpus(total: 1_000_000).candidates(forBytes: 64) == 10)
  }

  @Test func `more dimensions than the model has are refused with both numbers`() {
    #expect(throws: ProfileError.dimensions(got: 64, model: 32)) {
      try ProfilePlan(dimensions: [16, 64]).points(inputDimensions: 32)
    }
  }

  @Test func `a plan has whitened PCA beside every method, and the whole vectors once`() throws {
    let points = try ProfilePlan(methods: [.mcr2], dimensions: [64], bits: [8, 1], stages: [nil, .wide])
      .points(inputDimensions: 384)
    #expect(
      points.map(\.name) == [
        "full, 384-d × float", "mcr2, 64-d × 8 bits", "mcr2, 64-d × 1 bit", "mcr2, 64-d × 1 bit, rescored",
        "pca-whitened, 64-d × 8 bits", "pca-whitened, 64-d × 1 bit", "pca-whitened, 64-d × 1 bit, rescored",
      ])
    #expect(points.map(\.bytes) == [1536, 64, 8, 8 + 128, 64, 8, 8 + 128])
  }
}
