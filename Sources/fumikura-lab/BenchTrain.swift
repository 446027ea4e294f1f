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
      passages. Says how long it takes, not how good it is: that is `evaluate retrieval --method mcr2`.

        fumi bench train --rows 100000 --dimensions 128 --json
      """)

  @Option(help: "Passages.") var rows = 10_000
  @Option(help: "Dimensions of the source vectors.") var inputDimensions = 384
  @Option(help: "Dimensions of the projector.") var dimensions = 128
  @Option(help: "Steps of the training.") var steps = TrainingOptions().steps
  @Option(help: "Seed of the vectors and the training.") var seed: UInt64 = 1
  @Flag(help: "Print JSON.") var json = false

  private struct Report: Encodable {
    var seconds: Double
    var cpuSeconds: Double
    var stepsPerSecond: Double
    var rows: Int
    var dimensions: Int
    var steps: Int

    enum CodingKeys: String, CodingKey {
      case seconds = "s"
      case cpuSeconds = "cpu_s"
      case stepsPerSecond = "steps_per_s"
      case rows, dimensions, steps
    }
  }

  func validate() throws {
    for (name, value) in [
      ("--rows", rows), ("--input-dimensions", inputDimensions), ("--dimensions", dimensions), ("--steps", steps),
    ] where value < 1 {
      throw ValidationError("\(name): got \(value), expected 1 or more")
    }
    if dimensions > inputDimensions {
      throw ValidationError("--dimensions: got \(dimensions), expected at most the source's \(inputDimensions)")
    }
  }

  func run() throws {
    useOneThread()
    var generator = SeededGenerator(seed: seed)
    let centres = Matrix.gaussian(rows: max(1, rows / 20), columns: inputDimensions, using: &generator)
    let passages = scattered(around: (0..<rows).map { centres.row($0 % centres.rows) }, by: 0.7, using: &generator)
    let owners = (0..<rows).flatMap { [$0, $0, $0] }
    let queries = scattered(around: owners.map { passages.row($0) }, by: 0.03, using: &generator)
    var options = TrainingOptions(dimensions: dimensions, seed: seed)
    options.steps = steps
    let bar = ProgressBar("training", total: steps)
    let cpu = ProcessorTime.now
    let start = ContinuousClock.now
    _ = try ProjectorTrainer(options: options).train(passages: passages, pseudoQueries: queries, owners: owners) { _ in
      bar.advance(by: 1)
      return true
    }
    let seconds = (ContinuousClock.now - start).seconds
    let report = Report(
      seconds: seconds, cpuSeconds: ProcessorTime.now - cpu, stepsPerSecond: Double(steps) / seconds, rows: rows,
      dimensions: dimensions, steps: steps)
    bar.finish()
    if json { return try Output.json(report) }
    try Output.line(
      "\(rows) passages, \(dimensions) dimensions, \(steps) steps: \(seconds.formatted(decimals: 1)) s, "
        + "\(report.cpuSeconds.formatted(decimals: 1)) s CPU")
  }

  /// Unit rows: each given one plus Gaussian noise of this deviation.
  private func scattered(
    around rows: [[Float]], by deviation: Float, using generator: inout SeededGenerator
  ) -> Matrix {
    var values: [Float] = []
    values.reserveCapacity(rows.count * inputDimensions)
    for row in rows { values += row.map { $0 + deviation * Float(generator.gaussian()) } }
    return Matrix(rows: rows.count, columns: inputDimensions, values: values).normalisedRows()
  }
}
