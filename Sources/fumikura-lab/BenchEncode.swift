import ArgumentParser
import Evaluation
import Foundation
import LinearAlgebra
import SentenceEncoder
import SystemPackage

struct BenchEncode: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "encode",
    abstract: "Measure encoding.",
    discussion: """
      Encodes the lines of a text file and prints texts and tokens a second of wall time and the seconds of CPU time that \
      it took; tokenizing is counted. The cosines compare with --against, each text encoded by itself.

        fumi bench encode --file texts.txt --limit 2000 --threads 1 --json
      """)

  @OptionGroup var encoding: EncodingOptions
  @Option(help: "A file with a text a line.", completion: .file()) var file: String
  @Option(help: "Take the first N lines only.") var limit: Int?
  @Option(help: "Compare with the vectors of: reference.") var against: EncoderPath?
  @Flag(help: "Print JSON.") var json = false

  private struct Report: Encodable {
    var textsPerSecond: Double
    var tokensPerSecond: Double
    var cpuSeconds: Double
    var path: String
    var meanCosine: Double?
    var minimumCosine: Double?
    var texts: Int
    var tokens: Int
    var threads: Int

    private enum Key: String, CodingKey {
      case textsPerSecond = "texts_per_s"
      case tokensPerSecond = "tokens_per_s"
      case cpuSeconds = "cpu_s"
      case path
      case meanCosine = "mean_cosine"
      case minimumCosine = "min_cosine"
      case texts, tokens, threads
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(textsPerSecond, forKey: .textsPerSecond)
      try container.encode(tokensPerSecond, forKey: .tokensPerSecond)
      try container.encode(cpuSeconds, forKey: .cpuSeconds)
      try container.encode(path, forKey: .path)
      try container.encode(meanCosine, forKey: .meanCosine)
      try container.encode(minimumCosine, forKey: .minimumCosine)
      try container.encode(texts, forKey: .texts)
      try container.encode(tokens, forKey: .tokens)
      try container.encode(threads, forKey: .threads)
    }
  }

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit: got \(limit), expected 1 or more") }
  }

  func run() throws {
    let lines = try TextLines(contentsOf: FilePath(file)).lines
    let texts = Array(lines.prefix(limit ?? lines.count))
    if texts.isEmpty { throw EvaluationError.empty(file: FilePath(file), expected: "a text a line") }
    let session = try EncodingSession(encoding)
    let tokens = texts.reduce(0) {
      $0 + session.model.tokenizer.tokenIDs(of: $1, limit: session.model.maximumTokens).count
    }
    // Pages of the model are read, threads are started and caches are filled before the clock starts.
    _ = try session.encoder.encode(Array(texts.prefix(16)), as: .passage)

    let bar = ProgressBar("encoding", total: texts.count)
    let clock = ContinuousClock.now
    let cpu = ProcessorTime.now
    let rows = try ParallelEncoding.encode(texts, as: .passage, session.encoder, threads: encoding.threads) {
      bar.advance(by: $0)
    }
    let cpuSeconds = ProcessorTime.now - cpu
    let seconds = (ContinuousClock.now - clock).seconds
    bar.finish()

    var report = Report(
      textsPerSecond: Double(texts.count) / seconds, tokensPerSecond: Double(tokens) / seconds,
      cpuSeconds: cpuSeconds, path: encoding.path.rawValue, texts: texts.count, tokens: tokens,
      threads: encoding.threads)
    if against != nil {
      let cosines = try cosines(rows, texts, ReferenceEncoder(model: session.model))
      report.meanCosine = cosines.reduce(0, +) / Double(cosines.count)
      report.minimumCosine = cosines.min()
    }
    if json { return try Output.json(report) }
    try Output.line(
      "\(report.path), \(encoding.threads) threads: \(report.textsPerSecond.formatted(decimals: 1)) texts/s, "
        + "\(report.tokensPerSecond.formatted(decimals: 0)) tokens/s, \(cpuSeconds.formatted(decimals: 2)) s CPU "
        + "for \(texts.count) texts of \(tokens) tokens")
    if let mean = report.meanCosine, let minimum = report.minimumCosine {
      try Output.line(
        "cosine to the reference: mean \(mean.formatted(decimals: 5)), minimum \(minimum.formatted(decimals: 5))")
    }
  }

  private func cosines(_ rows: Matrix, _ texts: [String], _ reference: any SentenceEncoder) throws -> [Double] {
    let bar = ProgressBar("comparing", total: texts.count)
    defer { bar.finish() }
    return try texts.enumerated().map { index, text in
      let expected = try reference.encode([text], as: .passage).row(0)
      bar.advance(by: 1)
      return zip(rows.row(index), expected).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
  }
}
