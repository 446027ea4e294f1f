import ArgumentParser
import Evaluation
import LinearAlgebra
import SentenceEncoder
import RateReduction
import SystemPackage

struct EvaluateRetrieval: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retrieval",
    abstract: "Measure retrieval on corpora with queries and judgements.",
    discussion: """
      Each folder holds corpus.jsonl (_id, title, text), queries.jsonl (_id, text) and qrels.tsv (query id, passage id, \
      gain), as BEIR has them. A passage is its title, a blank and its text, cut at the model's limit (256 tokens). \
      Trained methods train on the corpus alone, by pseudo-queries made of it, never on queries or judgements.

      kept is nDCG@10 divided by that of the full float vectors.

        fumi evaluate retrieval scifact
        fumi evaluate retrieval scifact --method pca,mcr2 --dimensions 64,128 --bits 4
      """)

  @Argument(help: "Folders in BEIR's form.", completion: .directory) var folders: [String]
  @OptionGroup var compression: CompressionOptions
  @Option(help: "How to rank: semantic.") var mode = "semantic"
  @OptionGroup var encoding: EncodingOptions
  @OptionGroup var cache: CacheOptions
  @Flag(help: "Print JSON.") var json = false

  struct Row: Encodable {
    var dataset: String
    var method: String
    var dimensions: Int
    var bits: Int
    var bytesPerPassage: Int
    var metrics: RankingMetrics
    /// nDCG@10 divided by that of the full vectors.
    var kept: Double
    var isTwoStage: Bool
    /// nDCG@10 of each seed.
    var bySeed: [Double]

    enum CodingKeys: String, CodingKey {
      case dataset, method, dimensions, bits, kept
      case bytesPerPassage = "bytes_per_passage"
      case ndcgAt10 = "ndcg@10"
      case recallAt10 = "recall@10"
      case recallAt100 = "recall@100"
      case mrrAt10 = "mrr@10"
      case isTwoStage = "two_stage"
      case bySeed = "ndcg@10_by_seed"
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(dataset, forKey: .dataset)
      try container.encode(method, forKey: .method)
      try container.encode(dimensions, forKey: .dimensions)
      try container.encode(bits, forKey: .bits)
      try container.encode(bytesPerPassage, forKey: .bytesPerPassage)
      try container.encode(metrics.ndcgAt10, forKey: .ndcgAt10)
      try container.encode(metrics.recallAt10, forKey: .recallAt10)
      try container.encode(metrics.recallAt100, forKey: .recallAt100)
      try container.encode(metrics.mrrAt10, forKey: .mrrAt10)
      try container.encode(kept, forKey: .kept)
      try container.encode(isTwoStage, forKey: .isTwoStage)
      try container.encode(bySeed, forKey: .bySeed)
    }
  }

  func validate() throws {
    switch mode {
    case "semantic": break
    case "keyword", "hybrid": throw LabError.notYet(what: "--mode \(mode)", supported: "semantic")
    default: throw ValidationError("--mode: got “\(mode)”, expected semantic")
    }
  }

  func run() throws {
    let session = try EncodingSession(encoding, cache: cache)
    let stored = try compression.storedProjector(inputDimensions: session.dimensions)
    let compressions = try Compression.all(
      compression, methods: [.full], stored: stored, inputDimensions: session.dimensions, defaultDimensions: 128)
    var rows: [Row] = []
    for folder in folders {
      let dataset = try RetrievalDataset(folder: FilePath(folder))
      for warning in dataset.warnings { Output.remark("warning: \(warning)") }
      rows += try measure(dataset, compressions, stored, session)
    }
    if json { return try Output.json(["results": rows]) }
    try Output.table(
      header: [
        "dataset", "method", "dimensions", "bits", "bytes", "nDCG@10", "recall@10", "recall@100", "MRR@10", "kept",
      ],
      rows: rows.map { row in
        [row.dataset, row.method, "\(row.dimensions)", "\(row.bits)", "\(row.bytesPerPassage)"]
          + [
            row.metrics.ndcgAt10, row.metrics.recallAt10, row.metrics.recallAt100, row.metrics.mrrAt10, row.kept,
          ].map { $0.formatted(decimals: 4) }
      }, left: 2)
  }

  private func measure(
    _ dataset: RetrievalDataset, _ compressions: [Compression], _ stored: Projector?, _ session: EncodingSession
  ) throws -> [Row] {
    let passages = try session.encode(
      dataset.passages.map(\.titleAndText), as: .passage, label: "encoding \(dataset.name), passages")
    let queries = try session.encode(
      dataset.queries.map(\.text), as: .query, label: "encoding \(dataset.name), queries")
    let judgements = dataset.queries.map(\.judgements)
    let full = RetrievalEvaluation.metrics(
      try CompressedRows(
        passages, projector: try ProjectionMethod.full.projector(for: passages, dimensions: passages.columns), bits: 32),
      queries: queries, judgements: judgements)
    let trained = CorpusProjectors(dataset, passages, session)
    return try compressions.map { compression in
      var bytes = 0
      let runs = try self.compression.seeds.map { seed in
        let rows = try self.compression.compress(passages, compression, stored: stored, seed: seed) {
          try trained.projector(dimensions: $0, seed: $1)
        }
        bytes = rows.bytesPerRow
        return RetrievalEvaluation.metrics(rows, queries: queries, judgements: judgements)
      }
      let metrics = RankingMetrics(meanOf: runs)
      return Row(
        dataset: dataset.name, method: compression.name, dimensions: compression.dimensions, bits: compression.bits,
        bytesPerPassage: bytes, metrics: metrics, kept: metrics.ndcgAt10 / full.ndcgAt10,
        isTwoStage: self.compression.twoStage && compression.bits < 32, bySeed: runs.map(\.ndcgAt10))
    }
  }
}
