import LinearAlgebra
import Testing

@testable import RateReduction

@Suite("Training on labels")
struct LabelTrainingTests {
  private let rows = Corpus.clustered(rows: 300, columns: 40, seed: 3, clusters: 6)
  /// Two classes of three clusters each, which nothing but the labels tells.
  private let classes = Corpus.clusters(rows: 300, columns: 40, seed: 3, clusters: 6).map { $0 % 2 }

  /// How much more alike rows of one class are than rows of two, in the mean.
  private func separation(_ projector: Projector) -> Double {
    let similarities = projector.project(rows).rowGram()
    var (within, between): ((Double, Int), (Double, Int)) = ((0, 0), (0, 0))
    for i in 0..<rows.rows {
      for j in 0..<i {
        let value = Double(similarities[i, j])
        if classes[i] == classes[j] { within = (within.0 + value, within.1 + 1) }
        if classes[i] != classes[j] { between = (between.0 + value, between.1 + 1) }
      }
    }
    return within.0 / Double(within.1) - between.0 / Double(between.1)
  }

  private func options(steps: Int = 60) -> TrainingOptions {
    var options = TrainingOptions.labels(dimensions: 8, seed: 1, hasOthers: false)
    (options.steps, options.hidden, options.batch, options.learningRate) = (steps, 32, 64, 5e-3)
    return options
  }

  @Test func `classes lie further apart than whitened PCA has them, with and without contrast`()
    throws
  {
    func trained(_ change: (inout TrainingOptions) -> Void) throws -> Double {
      var options = options(steps: 100)
      change(&options)
      return separation(try ProjectorTrainer(options: options).train(passages: rows, classes: classes))
    }
    let start = separation(try .whitenedPCA(of: rows, dimensions: 8))
    let both = try trained { _ in }
    let contrastAlone = try trained { $0.classRate.weight = 0 }
    let rateAlone = try trained { $0.classContrast.weight = 0 }
    #expect(rateAlone > start + 0.05, "\(rateAlone), whitened PCA \(start)")
    #expect(contrastAlone > start + 0.05, "\(contrastAlone), whitened PCA \(start)")
    #expect(both > start + 0.05, "\(both), whitened PCA \(start)")
    #expect(both != rateAlone && both != contrastAlone)
  }

  @Test func `without its weight the distillation changes nothing of what is learnt`() throws {
    // The teacher and its temperature are then of no account.
    func trained(temperature: Float) throws -> Projector {
      var options = options(steps: 5)
      (options.distillationWeight, options.temperature) = (0, temperature)
      return try ProjectorTrainer(options: options).train(passages: rows, classes: classes)
    }
    #expect(try trained(temperature: 0.05) == trained(temperature: 0.5))
  }

  @Test func `a contrast without a temperature is refused`() {
    var options = options()
    options.classContrast.temperature = 0
    let error = #expect(throws: RateReductionError.self) {
      try ProjectorTrainer(options: options).train(passages: rows, classes: classes)
    }
    #expect("\(error!)" == "contrast τ: got 0.0, expected a number above 0")
  }
}
