import ArgumentParser
import Evaluation
import LinearAlgebra
import SentenceEncoder
import RateReduction
import SystemPackage

struct EvaluateSTS: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sts",
    abstract: "Measure how well cosines agree with people's scores of sentence pairs.",
    discussion: """
      A file's lines are score, tab, sentence, tab, sentence. Methods that learn directions (pca, pca-whitened) learn them \
      from the file's own sentences, never from scores.

        fumi evaluate sts stsb.test.tsv
        fumi evaluate sts *.tsv --method full,pca --dimensions 64 --bits 8
      """)

  @Argument(help: "Files of pairs.", completion: .file(extensions: ["tsv"])) var files: [String]
  @OptionGroup var compression: CompressionOptions
  @OptionGroup var encoding: EncodingOptions
  @OptionGroup var cache: CacheOptions
  @Flag(help: "Print JSON.") var json = false

  private struct Row: Encodable {
    var dataset: String
    var method: String
    var dimensions: Int
    var bits: Int
    var spearman: Double
    var pearson: Double
  }

  func validate() throws {
    if compression.twoStage { throw ValidationError("--two-stage is for retrieval: a pair has no candidates") }
    try compression.refuseStatic()
    if try compression.methods(of: MeasuredMethod.unlabelled, otherwise: []).contains(.mcr2) {
      throw ValidationError(
        "mcr2 learns from a corpus of passages, and sentence pairs are none: measure one trained elsewhere by --projector"
      )
    }
  }

  func run() throws {
    let session = try EncodingSession(encoding, cache: cache)
    let stored = try compression.storedProjector(inputDimensions: session.dimensions)
    let compressions = try Compression.all(
      compression, methods: [.full], of: MeasuredMethod.unlabelled, stored: stored, inputDimensions: session.dimensions,
      defaultDimensions: 128)
    var rows: [Row] = []
    for file in files {
      let dataset = try SimilarityDataset(file: FilePath(file))
      let sentences = try session.encode(
        dataset.pairs.map(\.first) + dataset.pairs.map(\.second), as: .query, label: "encoding \(dataset.name)")
      rows += try compressions.map { try measure(dataset, sentences, $0, stored) }
    }
    if json { return try Output.json(["results": rows]) }
    try Output.table(
      header: ["dataset", "method", "dimensions", "bits", "Spearman", "Pearson"],
      rows: rows.map {
        [
          $0.dataset, $0.method, "\($0.dimensions)", "\($0.bits)", $0.spearman.formatted(decimals: 4),
          $0.pearson.formatted(decimals: 4),
        ]
      }, left: 2)
  }

  /// The mean over the seeds. First sentences are the stored side, second ones the query side.
  private func measure(
    _ dataset: SimilarityDataset, _ sentences: Matrix, _ compression: Compression, _ stored: Projector?
  ) throws -> Row {
    let count = dataset.pairs.count
    let scores = dataset.pairs.map(\.score)
    let compressor = Compressor(sentences, self.compression, stored: stored) { _, _, _ in
      preconditionFailure("validate() refuses mcr2 without a stored projector")
    }
    let runs = try self.compression.seeds.map { seed in
      let all = try compressor.compress(compression, seed: seed)
      // The rows are all sentences, so that what is learnt is learnt from both sides.
      let partners = sentences.rows(count..<2 * count)
      let cosines = all.scores(with: partners)
      return (Correlation.spearman(cosines, scores), Correlation.pearson(cosines, scores))
    }
    return Row(
      dataset: dataset.name, method: compression.name, dimensions: compression.dimensions, bits: compression.bits,
      spearman: runs.reduce(0) { $0 + $1.0 } / Double(runs.count),
      pearson: runs.reduce(0) { $0 + $1.1 } / Double(runs.count))
  }
}
