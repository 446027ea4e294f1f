import ArgumentParser
import Evaluation
import LinearAlgebra
import SentenceEncoder
import RateReduction
import SystemPackage

struct EvaluateClassify: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "classify",
    abstract: "Measure how well neighbours share labels.",
    discussion: """
      A line of either file is label, tab, text. lda, mcr2 and contrast (supervised contrast alone, on the network of mcr2) \
      learn from the labels of --train; pca learns directions from its texts alone. Each text of --test then ranks all \
      texts of --train. label_map: mean average precision, those of its own label being right. knn_accuracy: how often the \
      ten nearest vote for its label.

      With --beside, the passages of a folder in BEIR's form are learnt from too, in no class, and retrieval_kept says how \
      much of their nDCG@10 is kept.

        fumi evaluate classify --train banking77.train.tsv --test banking77.test.tsv
        fumi evaluate classify --train a.tsv --test b.tsv --method pca,lda,mcr2,contrast --bits 4 --beside scifact
      """)

  @Option(help: "Labelled texts to learn from.", completion: .file(extensions: ["tsv"])) var train: String
  @Option(help: "Labelled texts to measure with.", completion: .file(extensions: ["tsv"])) var test: String
  @Option(
    help: ArgumentHelp(
      "A folder in BEIR's form whose passages are learnt from too, in no class.", valueName: "folder"),
    completion: .directory)
  var beside: String?
  @OptionGroup var compression: CompressionOptions
  @OptionGroup var knobs: TrainingKnobs
  @Option(
    help: ArgumentHelp(
      "Weight of the supervised contrast in the training of mcr2; 0 leaves it out (default: as the product trains).",
      valueName: "weight"))
  var contrastWeight: Float?
  @OptionGroup var encoding: EncodingOptions
  @OptionGroup var cache: CacheOptions
  @Flag(help: "Print JSON.") var json = false

  private struct Row: Encodable {
    var method: String
    var dimensions: Int
    var bits: Int
    var labelMAP: Double
    var accuracy: Double
    var kept: Double?
    /// Label mAP of each seed.
    var bySeed: [Double]

    enum CodingKeys: String, CodingKey {
      case method, dimensions, bits
      case labelMAP = "label_map"
      case accuracy = "knn_accuracy"
      case kept = "retrieval_kept"
      case spread = "label_map_sd"
      case bySeed = "label_map_by_seed"
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(method, forKey: .method)
      try container.encode(dimensions, forKey: .dimensions)
      try container.encode(bits, forKey: .bits)
      try container.encode(labelMAP, forKey: .labelMAP)
      try container.encode(accuracy, forKey: .accuracy)
      try container.encode(kept, forKey: .kept)
      try container.encode(bySeed.standardDeviation, forKey: .spread)
      try container.encode(bySeed, forKey: .bySeed)
    }

    static let tableHeader = ["method", "dimensions", "bits", "label mAP", "±", "kNN accuracy", "retrieval kept"]

    var tableCells: [String] {
      [
        method, "\(dimensions)", "\(bits)", labelMAP.formatted(decimals: 4),
        bySeed.standardDeviation.map { $0.formatted(decimals: 4) } ?? "", accuracy.formatted(decimals: 4),
        kept.map { $0.formatted(decimals: 4) } ?? "",
      ]
    }
  }

  func validate() throws {
    if compression.twoStage { throw ValidationError("--two-stage is for retrieval") }
    if let contrastWeight, !(contrastWeight >= 0 && contrastWeight.isFinite) {
      throw ValidationError("--contrast-weight: got \(contrastWeight), expected 0 or more")
    }
    try compression.refuseStatic()
  }

  func run() throws {
    let known = try LabelledDataset(file: FilePath(train))
    let asked = try LabelledDataset(file: FilePath(test))
    let session = try EncodingSession(encoding, cache: cache)
    let stored = try compression.storedProjector(inputDimensions: session.dimensions)
    let compressions = try Compression.all(
      compression, methods: [.full, .pca, .lda, .mcr2], of: MeasuredMethod.allCases, stored: stored,
      inputDimensions: session.dimensions, defaultDimensions: 64)
    let rows = try session.encode(known.texts, as: .query, label: "encoding \(known.name)")
    let queries = try session.encode(asked.texts, as: .query, label: "encoding \(asked.name)")
    let beside = try beside.map { try CorpusBeside(folder: $0, session) }
    let projectors = LabelProjectors(known, rows, beside: beside, knobs: knobs, contrastWeight: contrastWeight)
    let compressor = Compressor(projectors.learningRows, compression, stored: stored) { method, dimensions, seed in
      try projectors.projector(method, dimensions: dimensions, seed: seed)
    }
    let results = try compressions.map { compression in
      var width = 0
      var kept: [Double] = []
      let runs = try self.compression.seeds.map { seed in
        let small = try compressor.compress(rows, compression, seed: seed)
        width = small.dimensions
        if let beside { kept.append(beside.kept(try compressor.compress(beside.passages, compression, seed: seed))) }
        return LabelEvaluation(small, labels: known.labels, queries: queries, queryLabels: asked.labels)
      }
      return Row(
        method: compression.name, dimensions: width, bits: compression.bits,
        labelMAP: runs.reduce(0) { $0 + $1.meanAveragePrecision } / Double(runs.count),
        accuracy: runs.reduce(0) { $0 + $1.nearestNeighbourAccuracy } / Double(runs.count),
        kept: kept.isEmpty ? nil : kept.reduce(0, +) / Double(kept.count), bySeed: runs.map(\.meanAveragePrecision))
    }
    if json { return try Output.json(["results": results]) }
    try Output.table(header: Row.tableHeader, rows: results.map(\.tableCells))
  }
}
