import Evaluation
import LinearAlgebra
import RateReduction

/// The projectors that are learnt from labelled texts, each once.
final class LabelProjectors {
  private struct Key: Hashable {
    let method: MeasuredMethod
    let dimensions: Int
    let seed: UInt64
  }

  private let name: String
  private let rows: Matrix
  private let classes: [Int]
  private let beside: CorpusBeside?
  private let knobs: TrainingKnobs
  private let contrastWeight: Float?
  private var learnt: [Key: Projector] = [:]

  /// - Parameters:
  ///   - rows: the source vectors of the data set's texts, in its order.
  ///   - beside: passages that are in no class, and that are not to be forgotten.
  init(_ dataset: LabelledDataset, _ rows: Matrix, beside: CorpusBeside?, knobs: TrainingKnobs, contrastWeight: Float?)
  {
    name = dataset.name
    self.beside = beside
    self.knobs = knobs
    self.contrastWeight = contrastWeight
    var numbers: [String: Int] = [:]
    let labelled = dataset.labels.map { label in
      let number = numbers[label] ?? numbers.count
      numbers[label] = number
      return number
    }
    guard let beside else {
      (self.rows, classes) = (rows, labelled)
      return
    }
    let passages = beside.passages
    self.rows = Matrix(
      rows: rows.rows + passages.rows, columns: rows.columns, values: rows.values + passages.values)
    classes = labelled + [Int](repeating: -1, count: passages.rows)
  }

  /// What everything is learnt from: the labelled rows, then the passages beside them.
  var learningRows: Matrix { rows }

  func projector(_ method: MeasuredMethod, dimensions: Int, seed: UInt64) throws -> Projector {
    let key = Key(method: method, dimensions: dimensions, seed: seed)
    if let known = learnt[key] { return known }
    let projector =
      method == .lda
      ? try .discriminant(of: rows, classes: classes, dimensions: dimensions, rotationSeed: seed)
      : try train(method, dimensions: dimensions, seed: seed)
    learnt[key] = projector
    return projector
  }

  private func train(_ method: MeasuredMethod, dimensions: Int, seed: UInt64) throws -> Projector {
    var options = TrainingOptions.labels(dimensions: dimensions, seed: seed, hasOthers: beside != nil)
    knobs.apply(to: &options, rate: \.classRate)
    if let contrastWeight { options.classContrast.weight = contrastWeight }
    if method == .contrast {
      (options.classRate.weight, options.distillationWeight) = (0, 0)
      options.classContrast.weight = 1
    }
    let queries = try beside?.pseudoQueries(knobs.pseudoQueryCount, seed)
    let first = rows.rows - (beside?.passages.rows ?? 0)
    let trainer = ProjectorTrainer(options: options)
    let bar = ProgressBar(
      "training \(method.rawValue) on the labels of \(name), \(dimensions) dimensions",
      total: options.steps(passages: rows.rows))
    let projector = try trainer.train(
      passages: rows, pseudoQueries: queries?.vectors, owners: queries?.owners.map { $0 + first } ?? [],
      classes: classes
    ) { _ in
      bar.advance(by: 1)
      return true
    }
    bar.finish()
    return projector
  }
}
