import Evaluation
import LinearAlgebra
import RateReduction

/// The projectors that are trained on one corpus: by its passages and the pseudo-queries made of them, nothing else.
/// Each is trained once, however many codes it is measured with.
final class CorpusProjectors {
  private struct Key: Hashable {
    let dimensions: Int
    let seed: UInt64
  }

  private let corpus: RetrievalCorpus
  private let passages: Matrix
  private let session: EncodingSession
  private let knobs: TrainingKnobs
  private let classOptions: ClassOptions
  private let classes: [Int]?
  private var trained: [Key: Projector] = [:]

  /// `passages` are the source vectors of the corpus's passages, in its order.
  ///
  /// - Throws: where the corpus has no classes of the kind that is asked for.
  init(
    _ corpus: RetrievalCorpus, _ passages: Matrix, _ session: EncodingSession, _ knobs: TrainingKnobs,
    _ classOptions: ClassOptions
  ) throws {
    self.corpus = corpus
    self.passages = passages
    self.session = session
    self.knobs = knobs
    self.classOptions = classOptions
    classes =
      classOptions.classes.hasClasses
      ? try CorpusClasses(
        classOptions.classes, of: corpus, vectors: passages, labels: classOptions.labels, seed: 1
      ).classes : nil
  }

  func projector(dimensions: Int, seed: UInt64) throws -> Projector {
    let key = Key(dimensions: dimensions, seed: seed)
    if let known = trained[key] { return known }
    let asked = try session.pseudoQueries(of: corpus, count: knobs.pseudoQueryCount, seed: seed)
    var options = classOptions.trainingOptions(dimensions: dimensions, seed: seed)
    knobs.apply(to: &options, rate: \.pairRate)
    let trainer = ProjectorTrainer(options: options)
    let bar = ProgressBar(
      "training \(corpus.name), \(dimensions) dimensions", total: options.steps(passages: passages.rows))
    let projector = try trainer.train(
      passages: passages, pseudoQueries: asked.vectors, owners: asked.owners, classes: classes
    ) { _ in
      bar.advance(by: 1)
      return true
    }
    bar.finish()
    trained[key] = projector
    return projector
  }
}
