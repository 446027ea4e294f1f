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

      kept is nDCG@10 divided by that of the full float vectors, with a 95 % interval: a paired bootstrap over the queries, \
      10,000 resamples, seeds averaged. Beside it stands the difference to whitened PCA in the same bytes and stages, \
      measured in the same run, with its interval. Several folders end with rows of their mean; --pooled searches them as \
      one.

      itq is whitened PCA turned so that signs lose least; opq codes whitened PCA by centroids, as many bytes as \
      --dimensions and --bits say. Both learn from the corpus, without training a network.

        fumi evaluate retrieval scifact
        fumi evaluate retrieval scifact --method pca-whitened,itq,opq,mcr2 --dimensions 128 --bits 2,1 --repeat 3
        fumi evaluate retrieval scifact cranfield --pooled --distractors en.txt --method mcr2 --bits 2 --two-stage
      """)

  @Argument(help: "Folders in BEIR's form.", completion: .directory) var folders: [String]
  @Flag(help: "Search all folders as one corpus, trained on as one.") var pooled = false
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Text files, a passage a line, that --pooled searches too and that answer nothing.", valueName: "files"),
    completion: .file())
  var distractors: [String] = []
  @OptionGroup var compression: CompressionOptions
  @OptionGroup var knobs: TrainingKnobs
  @OptionGroup var classes: ClassOptions
  @Option(
    help: """
      What to rank by: semantic; keyword, by the words alone (one row, no vectors); hybrid, as the daemon searches.
      """)
  var mode = SearchMode.semantic
  @OptionGroup var encoding: EncodingOptions
  @OptionGroup var cache: CacheOptions
  @Flag(help: "Print JSON.") var json = false

  func validate() throws {
    _ = try compression.methods(of: MeasuredMethod.unlabelled, otherwise: [])
    if !pooled, !distractors.isEmpty { throw ValidationError("--distractors is for --pooled") }
    if classes.classes == .none, let weight = knobs.rateWeight, weight != 0 {
      throw ValidationError("--classes none leaves --rate-weight \(weight) nothing to draw together")
    }
  }

  func run() throws {
    let session = try EncodingSession(encoding, cache: cache)
    let stored = try compression.storedProjector(inputDimensions: session.dimensions)
    let compressions = try Compression.all(
      compression, methods: [.full], of: MeasuredMethod.unlabelled, stored: stored, inputDimensions: session.dimensions,
      defaultDimensions: 128, mode: mode)
    let datasets = try folders.map { folder in
      let dataset = try RetrievalDataset(folder: FilePath(folder))
      for warning in dataset.warnings { Output.remark("warning: \(warning)") }
      return dataset
    }
    let corpora =
      pooled
      ? [try RetrievalCorpus(pooling: datasets, distractors: distractors.map { FilePath($0) })]
      : datasets.map { RetrievalCorpus($0) }
    let rows = RetrievalMeasurement.rows(
      of: try corpora.enumerated().map { try measure($1, number: $0, compressions, stored, session) })
    if json { return try Output.json(["results": rows]) }
    try Output.table(header: RetrievalRow.tableHeader, rows: rows.map(\.tableCells), left: 2)
  }

  private func measure(
    _ corpus: RetrievalCorpus, number: Int, _ compressions: [Compression], _ stored: Projector?,
    _ session: EncodingSession
  ) throws -> RetrievalMeasurement {
    let passages = try session.encode(corpus, .passages)
    let queries = try session.encode(corpus, .queries)
    let trained = try CorpusProjectors(corpus, passages, session, knobs, classes)
    return try RetrievalMeasurement(
      corpus, passages: passages, queries: queries, compressions: compressions, seeds: compression.seeds,
      // Sets are drawn from independently.
      bootstrapSeed: compression.seed &+ UInt64(number),
      compressor: Compressor(passages, compression, stored: stored) { _, dimensions, seed in
        try trained.projector(dimensions: dimensions, seed: seed)
      }, students: CorpusStudents(corpus, session))
  }
}
