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

  private let corpus: RetrievalCorpus
  private let passages: Matrix
  private let session: EncodingSession
  private var trained: [Key: Projector] = [:]

  /// `passages` are the source vectors of the corpus's passages, in its order.
  init(_ corpus: RetrievalCorpus, _ passages: Matrix, _ session: EncodingSession) {
    self.corpus = corpus
    self.passages = passages
    self.session = session
  }

  func projector(dimensions: Int, seed: UInt64) throws -> Projector {
    let key = Key(dimensions: dimensions, seed: seed)
    if let known = trained[key] { return known }
    let (vectors, owners) = try pseudoQueries(seed: seed)
    let trainer = ProjectorTrainer(options: TrainingOptions(dimensions: dimensions, seed: seed))
    let bar = ProgressBar("training \(corpus.name), \(dimensions) dimensions", total: trainer.options.steps)
    let projector = try trainer.train(passages: passages, pseudoQueries: vectors, owners: owners) { _ in
      bar.advance(by: 1)
      return true
    }
    bar.finish()
    trained[key] = projector
    return projector
  }

  /// The source vectors of the pseudo-queries of all parts, and the passage of each.
  private func pseudoQueries(seed: UInt64) throws -> (vectors: Matrix, owners: [Int]) {
    var (values, owners): ([Float], [Int]) = ([], [])
    var first = 0
    for part in corpus.parts {
      let asked = PseudoQueries(of: part.passages.map { ($0.title, $0.text) }, seed: seed)
      let vectors = try session.encode(asked.texts, as: .query, label: "encoding \(part.name), pseudo-queries")
      values += vectors.values
      owners += asked.owners.map { $0 + first }
      first += part.passages.count
    }
    return (Matrix(rows: owners.count, columns: passages.columns, values: values), owners)
  }
}
