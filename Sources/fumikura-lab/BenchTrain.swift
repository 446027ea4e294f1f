import ArgumentParser
import Foundation
import LinearAlgebra
import RateReduction

struct BenchTrain: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Measure the training of a projector.",
    discussion: """
      Trains on random vectors around random centres, with three pseudo-queries a passage, as the daemon trains on a share's \
      passages: both stages side by side, each on a thread of its own. Says how long it takes and how much memory, the \
      vectors it learns from among it, not how good it is: that is `evaluate retrieval --method mcr2`.

        fumi bench train --rows 100000 --dimensions 128 --json
      """)

  @Option(help: "Passages.") var rows = 10_000
  @Option(help: "Dimensions of the source vectors.") var inputDimensions = 384
  @Option(help: "Dimensions of the projector.") var dimensions = 128
  @Option(help: "Bits of the codes.") var bits = 2
  @Flag(inversion: .prefixedNo, help: "Train the projector of the second stage beside it.") var rescore = true
  @Option(help: "Steps of the training (default: as many as the product takes for so many passages).")
  var steps: Int?
  @Option(help: "Seed of the vectors and the training.") var seed: UInt64 = 1
  @Flag(help: "Print JSON.") var json = false

  /// Passages whose pseudo-queries only measure.
  private static let heldOutPassages = 400
  private static let queriesPerPassage = 3

  private struct Report: Encodable {
    var seconds: Double
    var cpuSeconds: Double
    var stepsPerSecond: Double
    var peakMB: Double
    var rows: Int
    var dimensions: Int
    var steps: Int
    var isRescored: Bool

    enum CodingKeys: String, CodingKey {
      case seconds = "s"
      case cpuSeconds = "cpu_s"
      case stepsPerSecond = "steps_per_s"
      case peakMB = "peak_mb"
      case isRescored = "rescore"
      case rows, dimensions, steps
    }
  }

  func validate() throws {
    for (name, value) in [
      ("--input-dimensions", inputDimensions), ("--dimensions", dimensions), ("--steps", steps ?? 1),
    ] where value < 1 {
      throw ValidationError("\(name): got \(value), expected 1 or more")
    }
    if rows < 5 { throw ValidationError("--rows: got \(rows), expected 5 or more") }
    if ![1, 2, 4, 8].contains(bits) { throw ValidationError("--bits: got \(bits), expected 1, 2, 4 or 8") }
    if dimensions > inputDimensions {
      throw ValidationError("--dimensions: got \(dimensions), expected at most the source's \(inputDimensions)")
    }
  }

  func run() throws {
    useOneThread()
    let before = try ProcessMemory.resident
    let heldOut = min(Self.heldOutPassages, rows / 5)
    let (passages, learned, held) = corpus(heldOut: heldOut)
    let owners = (0..<rows * Self.queriesPerPassage).map { $0 / Self.queriesPerPassage }
    let evaluation = ProjectorEvaluation(passages: passages, queries: held, owners: Array(owners[learned.rows...]))
    var options = TrainingOptions(dimensions: dimensions, seed: seed)
    options.steps = steps
    // What is measured is a training of so many steps.
    options.patience = .max
    let steps = options.steps(passages: rows)
    let wide = StagedProjector.wideFormat(
      beside: CodeFormat(dimensions: dimensions, bits: bits), width: inputDimensions)
    var wideOptions = options
    wideOptions.dimensions = wide?.dimensions ?? dimensions
    let wideSteps = rescore && wide != nil ? wideOptions.steps(passages: rows) : 0
    let bar = ProgressBar("training", total: steps + wideSteps)
    let cpu = ProcessorTime.now
    let start = ContinuousClock.now
    _ = try StagedTrainer(options: options, bits: bits, hasWide: rescore).train(
      passages: passages, pseudoQueries: learned, owners: Array(owners[..<learned.rows]), heldOut: evaluation
    ) { _ in
      bar.advance(by: 1)
      return true
    }
    let seconds = (ContinuousClock.now - start).seconds
    let report = Report(
      seconds: seconds, cpuSeconds: ProcessorTime.now - cpu, stepsPerSecond: Double(steps) / seconds,
      peakMB: Double(try ProcessMemory.peak - before) / 1e6, rows: rows, dimensions: dimensions, steps: steps,
      isRescored: rescore)
    bar.finish()
    if json { return try Output.json(report) }
    try Output.line(
      "\(rows) passages, \(dimensions) dimensions\(rescore ? " and the wide ones" : ""), \(steps) steps: "
        + "\(seconds.formatted(decimals: 1)) s, \(report.cpuSeconds.formatted(decimals: 1)) s CPU, "
        + "\(report.peakMB.formatted(decimals: 0)) MB at most, with the vectors")
  }

  /// Unit rows around centres, and pseudo-queries near each, those of the last `heldOut` passages apart; as int8 from the
  /// first, as the daemon has them.
  private func corpus(
    heldOut: Int
  ) -> (passages: QuantizedRows, learned: QuantizedRows, held: QuantizedRows) {
    var generator = SeededGenerator(seed: seed)
    let centres = Matrix.gaussian(rows: max(1, rows / 20), columns: inputDimensions, using: &generator)
    var passages = QuantizedRows(columns: inputDimensions)
    var (learned, held) = (passages, passages)
    passages.reserve(rows)
    learned.reserve((rows - heldOut) * Self.queriesPerPassage)
    for row in 0..<rows {
      let passage = near(centres.row(row % centres.rows), by: 0.7, using: &generator)
      passages.append(SourceVector(passage))
      for _ in 0..<Self.queriesPerPassage {
        let query = SourceVector(near(passage, by: 0.03, using: &generator))
        if row < rows - heldOut { learned.append(query) } else { held.append(query) }
      }
    }
    return (passages, learned, held)
  }

  /// A row plus Gaussian noise of this deviation, of unit length.
  private func near(_ row: [Float], by deviation: Float, using generator: inout SeededGenerator) -> [Float] {
    Matrix(rows: 1, columns: row.count, values: row.map { $0 + deviation * Float(generator.gaussian()) })
      .normalisedRows().values
  }
}
