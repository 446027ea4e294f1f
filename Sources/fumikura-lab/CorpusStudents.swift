import Evaluation
import LinearAlgebra
import RateReduction

/// The static students that are distilled on one corpus: by its passages and the pseudo-queries made of them, nothing
/// else. Each is made once, however many codes it is measured with.
final class CorpusStudents {
  private struct Key: Hashable {
    let dimensions: Int
    let seed: UInt64
  }

  typealias Vectors = (passages: Matrix, queries: Matrix)

  private let corpus: RetrievalCorpus
  private let session: EncodingSession
  private var made: [Key: Vectors] = [:]

  init(_ corpus: RetrievalCorpus, _ session: EncodingSession) {
    self.corpus = corpus
    self.session = session
  }

  /// What the student makes of the corpus's passages and of its queries, in their order.
  func vectors(dimensions: Int, seed: UInt64) throws -> Vectors {
    let key = Key(dimensions: dimensions, seed: seed)
    if let known = made[key] { return known }
    let distillation = StudentDistillation(options: StudentOptions(dimensions: dimensions, seed: seed))
    let bar = LazyProgressBar("distilling \(corpus.name), \(dimensions) dimensions")
    let steps = distillation.options.steps
    let name = corpus.name
    let vectors = try distillation.vectors(
      ofPassages: corpus.parts.flatMap { $0.passages.map { ($0.title, $0.text) } },
      queries: corpus.parts.flatMap { $0.queries.map(\.text) }, teacher: session.model,
      encode: { [session] in try session.encode($0, as: $1, label: "\($2) of \(name)") },
      progress: { _ in
        bar.advance(by: 1, of: steps)
        return true
      })
    bar.finish()
    made[key] = vectors
    return vectors
  }
}
