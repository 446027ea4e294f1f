import Evaluation
import LinearAlgebra
import RateReduction
import SystemPackage

/// A corpus whose passages a projector is trained on beside labelled texts, and how much of its retrieval is kept.
struct CorpusBeside {
  let corpus: RetrievalCorpus
  /// Source vectors.
  let passages: Matrix
  private let queries: Matrix
  private let session: EncodingSession
  private let full: Double

  init(folder: String, _ session: EncodingSession) throws {
    let dataset = try RetrievalDataset(folder: FilePath(folder))
    for warning in dataset.warnings { Output.remark("warning: \(warning)") }
    corpus = RetrievalCorpus(dataset)
    self.session = session
    passages = try session.encode(corpus, .passages)
    queries = try session.encode(corpus, .queries)
    full =
      RetrievalEvaluation.metrics(
        try CompressedRows(passages, projector: .truncation(from: passages.columns, to: passages.columns), bits: 32),
        queries: queries, judgements: corpus.judgements
      ).ndcgAt10
    guard full > 0 else { throw LabError.nothingToKeep(corpus.name) }
  }

  /// nDCG@10 of the passages as they were made small, divided by that of the full vectors.
  func kept(_ rows: CompressedRows) -> Double {
    RetrievalEvaluation.metrics(rows, queries: queries, judgements: corpus.judgements).ndcgAt10 / full
  }

  /// Source vectors of pseudo-queries, `count` of each passage, and the passage of each.
  func pseudoQueries(_ count: Int, _ seed: UInt64) throws -> (vectors: Matrix, owners: [Int]) {
    try session.pseudoQueries(of: corpus, count: count, seed: seed)
  }
}
