import Evaluation
import LinearAlgebra
import RateReduction

/// The projectors that are trained on labelled texts, each once.
final class LabelProjectors {
  private struct Key: Hashable {
    let dimensions: Int
    let seed: UInt64
  }

  private let rows: Matrix
  private let name: String
  private let classes: [Int]
  private var trained: [Key: Projector] = [:]

  /// `rows` are the source vectors of the data set's texts, in its order.
  init(_ dataset: LabelledDataset, _ rows: Matrix) {
    self.rows = rows
    name = dataset.name
    var numbers: [String: Int] = [:]
    classes = dataset.labels.map { label in
      let number = numbers[label] ?? numbers.count
      numbers[label] = number
      return number
    }
  }

  func projector(dimensions: Int, seed: UInt64) throws -> Projector {
    let key = Key(dimensions: dimensions, seed: seed)
    if let known = trained[key] { return known }
    var options = TrainingOptions(dimensions: dimensions, seed: seed)
    // Labels are all that is measured here: the weight at which they are learnt best (recipe §1), not the lower one that
    // leaves room for what is in no class; and twice the steps, worth .04 of label mAP on banking77 and 20news.
    options.classRate.weight = 1000
    options.steps = 1000
    let trainer = ProjectorTrainer(options: options)
    let bar = ProgressBar("training on the labels of \(name), \(dimensions) dimensions", total: trainer.options.steps)
    let projector = try trainer.train(passages: rows, classes: classes) { _ in
      bar.advance(by: 1)
      return true
    }
    bar.finish()
    trained[key] = projector
    return projector
  }
}
