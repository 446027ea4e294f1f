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
      A line of either file is label, tab, text. mcr2 is trained on the labels of --train; pca learns directions from its \
      texts alone. Each text of --test then ranks all texts of --train. label_map: mean average precision, those of its own \
      label being right. knn_accuracy: how often the ten nearest vote for its label.

        fumi evaluate classify --train banking77.train.tsv --test banking77.test.tsv
      """)

  @Option(help: "Labelled texts to learn from.", completion: .file(extensions: ["tsv"])) var train: String
  @Option(help: "Labelled texts to measure with.", completion: .file(extensions: ["tsv"])) var test: String
  @OptionGroup var compression: CompressionOptions
  @OptionGroup var encoding: EncodingOptions
  @OptionGroup var cache: CacheOptions
  @Flag(help: "Print JSON.") var json = false

  private struct Row: Encodable {
    var method: String
    var dimensions: Int
    var bits: Int
    var labelMAP: Double
    var accuracy: Double

    enum CodingKeys: String, CodingKey {
      case method, dimensions, bits
      case labelMAP = "label_map"
      case accuracy = "knn_accuracy"
    }
  }

  func validate() throws {
    if compression.twoStage { throw ValidationError("--two-stage is for retrieval") }
  }

  func run() throws {
    let known = try LabelledDataset(file: FilePath(train))
    let asked = try LabelledDataset(file: FilePath(test))
    let session = try EncodingSession(encoding, cache: cache)
    let stored = try compression.storedProjector(inputDimensions: session.dimensions)
    let compressions = try Compression.all(
      compression, methods: [.full, .pca, .mcr2], stored: stored, inputDimensions: session.dimensions,
      defaultDimensions: 64)
    let rows = try session.encode(known.texts, as: .query, label: "encoding \(known.name)")
    let queries = try session.encode(asked.texts, as: .query, label: "encoding \(asked.name)")
    let projectors = LabelProjectors(known, rows)
    let compressor = Compressor(rows, self.compression, stored: stored) { _, dimensions, seed in
      try projectors.projector(dimensions: dimensions, seed: seed)
    }
    let results = try compressions.map { compression in
      let runs = try self.compression.seeds.map { seed in
        let kept = try compressor.compress(compression, seed: seed)
        return LabelEvaluation(kept, labels: known.labels, queries: queries, queryLabels: asked.labels)
      }
      return Row(
        method: compression.name, dimensions: compression.dimensions, bits: compression.bits,
        labelMAP: runs.reduce(0) { $0 + $1.meanAveragePrecision } / Double(runs.count),
        accuracy: runs.reduce(0) { $0 + $1.nearestNeighbourAccuracy } / Double(runs.count))
    }
    if json { return try Output.json(["results": results]) }
    try Output.table(
      header: ["method", "dimensions", "bits", "label mAP", "kNN accuracy"],
      rows: results.map {
        [
          $0.method, "\($0.dimensions)", "\($0.bits)", $0.labelMAP.formatted(decimals: 4),
          $0.accuracy.formatted(decimals: 4),
        ]
      })
  }
}
