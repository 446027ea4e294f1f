import ArgumentParser
import Evaluation
import Foundation
import LinearAlgebra
import LinuxSystem
import SentenceEncoder
import Synchronization
import SystemPackage

struct BenchEncode: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "encode",
    abstract: "Measure encoding.",
    discussion: """
      Encodes the lines of a text file and prints texts and tokens a second of wall time and the seconds of CPU time that \
      it took; tokenizing is counted. On the fast path it also measures, in the same run, how many operations a second \
      the bare products of this model's layers take with the same kernels on as many threads, and what share of that \
      limit the encoder reaches. The cosines compare with --against, each text encoded by itself.

        fumi bench encode --file texts.txt --limit 2000 --threads 1 --against reference --json

      --scaling encodes on one thread too, and says how far more threads help the encoder and the bare products.
      """)

  @OptionGroup var encoding: EncodingOptions
  @Option(help: "A file with a text a line.", completion: .file()) var file: String
  @Option(help: "Take the first N lines only.") var limit: Int?
  @Option(help: "Compare with the vectors of this path: reference or fast.") var against: EncoderPath?
  @Option(help: ArgumentHelp("Encode one text so often, warm, and print its time to the vector.", valueName: "n"))
  var query = 200
  @Flag(help: "Compare with one thread.") var scaling = false
  @Flag(help: "Print JSON.") var json = false

  private struct Report: Encodable {
    var textsPerSecond: Double
    var tokensPerSecond: Double
    var cpuSeconds: Double
    var path: String
    var kernels: String
    var reason: String
    var texts: Int
    var tokens: Int
    var threads: Int
    /// Wall time of one query of ten words, the middle and the 95th of a hundred.
    var queryMilliseconds: Double
    var queryMilliseconds95: Double
    /// Of the bare products, 10^9 multiplies and adds a second.
    var productGops = Measured()
    /// Operations in the layers' products a token.
    var operationsPerToken: Double
    /// The encoder's operations a second over the bare products', both of processor time: other work on the machine takes
    /// from both alike.
    var shareOfLimit = Measured()
    var meanCosine = Measured()
    var minimumCosine = Measured()
    /// How many times as fast as one thread.
    var scaling = Measured()
    var productScaling = Measured()

    enum CodingKeys: String, CodingKey {
      case textsPerSecond = "texts_per_s"
      case tokensPerSecond = "tokens_per_s"
      case cpuSeconds = "cpu_s"
      case path, kernels, reason, texts, tokens, threads
      case queryMilliseconds = "query_p50_ms"
      case queryMilliseconds95 = "query_p95_ms"
      case productGops = "product_gops"
      case operationsPerToken = "operations_per_token"
      case shareOfLimit = "share_of_limit"
      case meanCosine = "mean_cosine"
      case minimumCosine = "min_cosine"
      case scaling
      case productScaling = "product_scaling"
    }
  }

  /// A figure that is null in JSON where it was not asked for.
  private struct Measured: Encodable {
    var value: Double?

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      try container.encode(value)
    }
  }

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit: got \(limit), expected 1 or more") }
    if query < 1 { throw ValidationError("--query: got \(query), expected 1 or more") }
    if scaling, encoding.threads < 2 { throw ValidationError("--scaling: got 1 thread, expected 2 or more") }
  }

  func run() throws {
    let lines = try TextLines(contentsOf: FilePath(file)).lines
    let texts = Array(lines.prefix(limit ?? lines.count))
    if texts.isEmpty { throw EvaluationError.empty(file: FilePath(file), expected: "a text a line") }
    let session = try EncodingSession(encoding)
    let tokens = texts.reduce(0) { $0 + session.model.tokenIDs(of: $1, as: .passage).count }
    // Pages of the model are read, threads are started and caches are filled before the clock starts.
    _ = try session.encoder.encode(Array(texts.prefix(16)), as: .passage)

    let (rows, seconds, cpuSeconds) = try encode(texts, session, threads: encoding.threads, label: "encoding")
    let times = try queryTimes(session)
    var report = Report(
      textsPerSecond: Double(texts.count) / seconds, tokensPerSecond: Double(tokens) / seconds,
      cpuSeconds: cpuSeconds, path: session.choice.path.rawValue, kernels: session.choice.kernels,
      reason: session.choice.reason, texts: texts.count, tokens: tokens, threads: encoding.threads,
      queryMilliseconds: times[times.count / 2], queryMilliseconds95: times[times.count * 95 / 100],
      operationsPerToken: session.model.operationsPerToken)
    if let fast = session.encoder as? FastEncoder {
      let limit = products(fast, threads: encoding.threads)
      report.productGops.value = limit.rate / 1e9
      report.shareOfLimit.value = Double(tokens) * report.operationsPerToken / cpuSeconds / limit.rateOfProcessor
      if scaling { report.productScaling.value = limit.rate / products(fast, threads: 1).rate }
    }
    if scaling {
      report.scaling.value = try encode(texts, session, threads: 1, label: "encoding on one thread").seconds / seconds
    }
    if let against {
      let cosines = try cosines(rows, texts, try EncoderChoice(session.model, path: against).encoder)
      report.meanCosine.value = cosines.reduce(0, +) / Double(cosines.count)
      report.minimumCosine.value = cosines.min()
    }
    if json { return try Output.json(report) }
    try print(report)
  }

  private func print(_ report: Report) throws {
    try Output.line("\(report.path): \(report.reason)")
    try Output.line(
      "\(report.threads) threads: \(report.textsPerSecond.formatted(decimals: 1)) texts/s, "
        + "\(report.tokensPerSecond.formatted(decimals: 0)) tokens/s, \(report.cpuSeconds.formatted(decimals: 2)) s CPU "
        + "for \(report.texts) texts of \(report.tokens) tokens")
    try Output.line(
      "a query of ten words: \(report.queryMilliseconds.formatted(decimals: 2)) ms, 95 of 100 within "
        + "\(report.queryMilliseconds95.formatted(decimals: 2)) ms")
    if let gops = report.productGops.value, let share = report.shareOfLimit.value {
      try Output.line(
        "the bare products: \(gops.formatted(decimals: 0)) · 10⁹ operations/s; "
          + "the encoder reaches \(share.formatted(decimals: 3)) of that")
    }
    if let scaling = report.scaling.value {
      let products = report.productScaling.value.map { ", the bare products \($0.formatted(decimals: 3))" } ?? ""
      try Output.line("against one thread: \(scaling.formatted(decimals: 3)) times as fast\(products)")
    }
    if let mean = report.meanCosine.value, let minimum = report.minimumCosine.value {
      try Output.line(
        "cosine to the other path: mean \(mean.formatted(decimals: 5)), minimum \(minimum.formatted(decimals: 5))")
    }
  }

  private func encode(
    _ texts: [String], _ session: EncodingSession, threads: Int, label: String
  ) throws -> (rows: Matrix, seconds: Double, cpuSeconds: Double) {
    let bar = ProgressBar(label, total: texts.count)
    defer { bar.finish() }
    let clock = ContinuousClock.now
    let cpu = ProcessorTime.now
    let rows = try ParallelEncoding.encode(texts, as: .passage, session.encoder, threads: threads) {
      bar.advance(by: $0)
    }
    return (rows, (ContinuousClock.now - clock).seconds, ProcessorTime.now - cpu)
  }

  /// Milliseconds from a query to its vector, the shortest first.
  private func queryTimes(_ session: EncodingSession) throws -> [Double] {
    try (0..<query).map { _ in
      let start = ContinuousClock.now
      _ = try session.encoder.encode(["how do I get my money back after a trip"], as: .query)
      return (ContinuousClock.now - start).seconds * 1000
    }.sorted()
  }

  /// Operations of the bare products a second, on so many threads at once, and a second of their processor time.
  private func products(_ encoder: FastEncoder, threads: Int) -> (rate: Double, rateOfProcessor: Double) {
    let team = ThreadTeam(threads)
    defer { team.stop() }
    let total = Mutex((operations: 0.0, rate: 0.0))
    let cpu = ProcessorTime.now
    team.forEach(threads) { _ in
      let measured = encoder.productRate(seconds: 1)
      total.withLock {
        $0.operations += measured.operations
        $0.rate += measured.operations / measured.seconds
      }
    }
    let cpuSeconds = ProcessorTime.now - cpu
    return total.withLock { ($0.rate, $0.operations / cpuSeconds) }
  }

  private func cosines(_ rows: Matrix, _ texts: [String], _ other: any SentenceEncoder) throws -> [Double] {
    let bar = ProgressBar("comparing", total: texts.count)
    defer { bar.finish() }
    return try texts.enumerated().map { index, text in
      let expected = try other.encode([text], as: .passage).row(0)
      bar.advance(by: 1)
      return zip(rows.row(index), expected).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
  }
}
