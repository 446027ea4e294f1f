import ArgumentParser
import Foundation
import FumikuraClient
import FumikuraProtocol
import SystemPackage

struct BenchQuery: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "query",
    abstract: "Measure how long a search takes, at rest and while a large share is being indexed.",
    discussion: """
      Starts a private daemon on a share of its own in a temporary folder, asks it one question after the other, then \
      saves so many files that indexing takes longer than the questions do, and asks again. encode is the time to the \
      question's vector, round_trip what the client waited. Both are removed at the end.

        fumi bench query --queries 200 --json
      """)

  @Option(help: ArgumentHelp("A model's name, or the path of an .fmodel file.", valueName: "model"))
  var model = "all-MiniLM-L6-v2"
  @Option(help: "Questions to ask, in each of the two.") var queries = 200
  @Option(help: "Files of about twelve passages to be indexed meanwhile.") var files = 1500
  @Option(help: "Milliseconds between two questions.") var pause = 20
  @Flag(help: "Print JSON.") var json = false

  struct Times: Encodable {
    var encodeMedian: Double
    var encodeP95: Double
    var roundTripMedian: Double
    var roundTripP95: Double
    var roundTripMaximum: Double

    init(_ replies: [(encode: Double, roundTrip: Double)]) {
      let (encode, roundTrip) = (replies.map(\.encode), replies.map(\.roundTrip))
      encodeMedian = encode.percentile(0.5)
      encodeP95 = encode.percentile(0.95)
      roundTripMedian = roundTrip.percentile(0.5)
      roundTripP95 = roundTrip.percentile(0.95)
      roundTripMaximum = roundTrip.max()!
    }

    enum CodingKeys: String, CodingKey {
      case encodeMedian = "encode_p50_ms"
      case encodeP95 = "encode_p95_ms"
      case roundTripMedian = "round_trip_p50_ms"
      case roundTripP95 = "round_trip_p95_ms"
      case roundTripMaximum = "round_trip_max_ms"
    }
  }

  private struct Report: Encodable {
    var atRest: Times
    var underIndexing: Times
    var queries: Int
    /// Passages that were encoded while the questions were asked, and files that were left after the last.
    var passagesEncoded: Int
    var filesLeft: Int

    enum CodingKeys: String, CodingKey {
      case atRest = "at_rest"
      case underIndexing = "under_indexing"
      case queries
      case passagesEncoded = "passages_encoded"
      case filesLeft = "files_left"
    }
  }

  func validate() throws {
    if queries < 1 { throw ValidationError("--queries: got \(queries), expected 1 or more") }
    if files < 1 { throw ValidationError("--files: got \(files), expected 1 or more") }
    if !(0...10_000 ~= pause) { throw ValidationError("--pause: got \(pause), expected 0 to 10000") }
  }

  func run() throws {
    let daemon = try PrivateDaemon(model: ModelDirectories().file(of: model), settle: 20)
    defer { daemon.stop() }
    let client = try daemon.connect(patience: .seconds(300))
    var text = BenchText()
    for number in 0..<20 { try save(text.document(), "first-\(number)", in: daemon) }
    let _: SyncReply = try client.call(.sync, SyncParameters(timeoutMilliseconds: 300_000))
    _ = try ask(text.question(), client)
    let atRest = try askAll(&text, client, "at rest")
    for number in 0..<files { try save(text.document(), "\(number % 30)/many-\(number)", in: daemon) }
    let before = try awaitIndexing(client)
    let underIndexing = try askAll(&text, client, "under indexing")
    let after = try client.call(.indexStatus, IndexStatusParameters())
    let report = Report(
      atRest: Times(atRest), underIndexing: Times(underIndexing), queries: queries,
      passagesEncoded: (after.encoder?.passagesEncoded ?? 0) - before, filesLeft: after.pending ?? 0)
    guard report.filesLeft > 0 else {
      throw LabError.unusable("the \(files) files were indexed before the last question: give more --files")
    }
    if json { return try Output.json(report) }
    for (name, times) in [("at rest", report.atRest), ("under indexing", report.underIndexing)] {
      try Output.line(
        "\(name): to the question's vector p50 \(times.encodeMedian.formatted(decimals: 1)) ms, "
          + "p95 \(times.encodeP95.formatted(decimals: 1)) ms; round trip "
          + "p50 \(times.roundTripMedian.formatted(decimals: 1)) ms, "
          + "p95 \(times.roundTripP95.formatted(decimals: 1)) ms, "
          + "at most \(times.roundTripMaximum.formatted(decimals: 1)) ms")
    }
    try Output.line(
      "\(queries) questions each; \(report.passagesEncoded) passages were encoded during the second, "
        + "and \(report.filesLeft) files were left")
  }

  private func save(_ text: String, _ name: String, in daemon: PrivateDaemon) throws {
    let file = URL(filePath: daemon.share.appending("\(name).txt").string)
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
  }

  /// Waits until some of the many files are indexed. Returns how many passages were encoded by then.
  private func awaitIndexing(_ client: Client) throws -> Int {
    let first = try client.call(.indexStatus, IndexStatusParameters()).encoder?.passagesEncoded ?? 0
    while true {
      let now = try client.call(.indexStatus, IndexStatusParameters()).encoder?.passagesEncoded ?? 0
      if now > first { return now }
      usleep(20_000)
    }
  }

  private func askAll(
    _ text: inout BenchText, _ client: Client, _ label: String
  ) throws -> [(encode: Double, roundTrip: Double)] {
    let bar = ProgressBar(label, total: queries)
    defer { bar.finish() }
    return try (0..<queries).map { _ in
      let reply = try ask(text.question(), client)
      bar.advance(by: 1)
      usleep(UInt32(pause) * 1000)
      return reply
    }
  }

  private func ask(_ question: String, _ client: Client) throws -> (encode: Double, roundTrip: Double) {
    let start = ContinuousClock.now
    let reply = try client.call(.search, SearchParameters(query: question))
    let elapsed = ContinuousClock.now - start
    return (reply.took.encode ?? 0, elapsed.milliseconds)
  }
}

/// Texts of words at random, the same ones each time, of which no two passages are alike.
struct BenchText {
  private var state: UInt64 = 0x5EED

  private static let words = """
    harbour ledger winter committee bicycle invoice garden engine letter village museum salary bridge teacher forest \
    contract kitchen weather library signal doctor machine river festival budget picture railway music history market \
    repaired counted opened described measured delivered painted forgot explained carried ordered discovered visited \
    quickly slowly twice yesterday carefully together again outside early without the a of in under behind near with
    """.split { $0.isWhitespace }

  private mutating func below(_ bound: Int) -> Int {
    // SplitMix64 (Steele, Lea & Flood 2014).
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((mixed ^ (mixed >> 31)) % UInt64(bound))
  }

  private mutating func sentence(_ count: Int) -> String {
    (0..<count).map { _ in String(Self.words[below(Self.words.count)]) }.joined(separator: " ")
  }

  /// About twelve passages.
  mutating func document() -> String {
    (0..<160).map { index in sentence(8 + below(10)) + (index % 6 == 5 ? ".\n\n" : ".") }.joined(separator: " ")
  }

  /// Ten words.
  mutating func question() -> String { sentence(10) }
}
