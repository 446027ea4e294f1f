import Evaluation
import LinearAlgebra
import SentenceEncoder
import RateReduction

/// The projectors that are trained on one corpus: by its passages and the pseudo-queries made of them, nothing else.
/// Each is trained once, however many codes it is measured with.
final class CorpusProjectors {
  private struct Key: Hashable {
    let dimensions: Int
    let seed: UInt64
  }

  private let dataset: RetrievalDataset
  private let passages: Matrix
  private let session: EncodingSession
  private var trained: [Key: Projector] = [:]

  /// `passages` are the source vectors of the data set's passages, in its order.
  init(_ dataset: RetrievalDataset, _ passages: Matrix, _ session: EncodingSession) {
    self.dataset = dataset
    self.passages = passages
    self.session = session
  }

  func projector(dimensions: Int, seed: UInt64) throws -> Projector {
    let key = Key(dimensions: dimensions, seed: seed)
    if let known = trained[key] { return known }
    let asked = PseudoQueries(of: dataset.passages.map { ($0.title, $0.text) }, seed: seed)
    let vectors = try session.encode(asked.texts, as: .query, label: "encoding \(dataset.name), pseudo-queries")
    let trainer = ProjectorTrainer(options: TrainingOptions(dimensions: dimensions, seed: seed))
    let bar = ProgressBar("training \(dataset.name), \(dimensions) dimensions", total: trainer.options.steps)
    let projector = try trainer.train(passages: passages, pseudoQueries: vectors, owners: asked.owners) { _ in
      bar.advance(by: 1)
      return true
    }
    bar.finish()
    trained[key] = projector
    return projector
  }
}
