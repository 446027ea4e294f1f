import ArgumentParser
import Foundation
import FumikuraClient
import FumikuraProtocol
import SystemPackage

struct BenchFreshness: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "freshness",
    abstract: "Measure how long a saved file takes until a search finds it.",
    discussion: """
      Starts a private daemon on a share of its own in a temporary folder, saves small files one by one, and searches \
      again and again from the close() of each until it is found. beyond_settle is what is left once `settle`, the quiet \
      time that a path must have had, is taken away. Both are removed at the end.

        fumi bench freshness --saves 50 --json
      """)

  @Option(help: ArgumentHelp("A model's name, or the path of an .fmodel file.", valueName: "model"))
  var model = "all-MiniLM-L6-v2"
  @Option(help: "Files to save.") var saves = 50
  @Option(help: "Milliseconds that a path must be quiet before it is read.") var settle = 300
  @Option(help: "Seconds to wait for one file before giving up.") var patience = 30
  @Flag(help: "Print JSON.") var json = false

  private struct Report: Encodable {
    var median: Double
    var p95: Double
    var maximum: Double
    var medianBeyondSettle: Double
    var p95BeyondSettle: Double
    var settle: Int
    var saves: Int

    enum CodingKeys: String, CodingKey {
      case median = "p50_ms"
      case p95 = "p95_ms"
      case maximum = "max_ms"
      case medianBeyondSettle = "beyond_settle_p50_ms"
      case p95BeyondSettle = "beyond_settle_p95_ms"
      case settle = "settle_ms"
      case saves
    }
  }

  func validate() throws {
    if saves < 1 { throw ValidationError("--saves: got \(saves), expected 1 or more") }
    if !(0...60_000 ~= settle) { throw ValidationError("--settle: got \(settle), expected 0 to 60000") }
    if patience < 1 { throw ValidationError("--patience: got \(patience), expected 1 or more") }
  }

  func run() throws {
    let daemon = try PrivateDaemon(model: ModelDirectories().file(of: model), settle: settle)
    defer { daemon.stop() }
    let client = try daemon.connect(patience: .seconds(patience))
    let _: SyncReply = try client.call(.sync, SyncParameters())
    let bar = ProgressBar("saving", total: saves)
    let times = try (0..<saves).map { index in
      let time = try milliseconds(save: index, in: daemon, client)
      bar.advance(by: 1)
      return time
    }
    bar.finish()
    let report = Report(
      median: times.percentile(0.5), p95: times.percentile(0.95), maximum: times.max()!,
      medianBeyondSettle: times.percentile(0.5) - Double(settle),
      p95BeyondSettle: times.percentile(0.95) - Double(settle), settle: settle, saves: saves)
    if json { return try Output.json(report) }
    try Output.line(
      "\(saves) saves, found after p50 \(report.median.formatted(decimals: 0)) ms, "
        + "p95 \(report.p95.formatted(decimals: 0)) ms; beyond settle (\(settle) ms) "
        + "p50 \(report.medianBeyondSettle.formatted(decimals: 0)) ms, "
        + "p95 \(report.p95BeyondSettle.formatted(decimals: 0)) ms")
  }

  /// Saves a file of its own and searches until it is found.
  private func milliseconds(save index: Int, in daemon: PrivateDaemon, _ client: Client) throws -> Double {
    let subject = Self.subject(index)
    let file = daemon.share.appending("note-\(index).txt")
    try Data("Note \(index). \(subject). The rest was decided at the meeting and is kept here for later.\n".utf8)
      .write(to: URL(filePath: file.string))
    let closed = ContinuousClock.now
    while true {
      let reply: SearchReply = try client.call(.search, SearchParameters(query: subject))
      let elapsed = ContinuousClock.now - closed
      if reply.hits.contains(where: { $0.path == WirePath(file.string) }) { return elapsed.milliseconds }
      if elapsed > .seconds(patience) {
        throw LabError.unusable(
          "\(file) was saved \(patience) s ago and is not found; the daemon says: \(daemon.lastWords)")
      }
    }
  }

  /// A sentence unlike that of any other number.
  private static func subject(_ index: Int) -> String {
    let things = [
      "lighthouse", "bakery", "telescope", "orchard", "ferry", "violin", "glacier", "printing press", "saddle",
      "vineyard",
    ]
    let doings = ["was repaired by", "is owed to", "was photographed for", "belongs to", "was painted for"]
    let people = ["the harbour master", "a retired nurse", "the chess club", "our neighbours", "the night watch"]
    let thing = things[index % things.count]
    let doing = doings[index / things.count % doings.count]
    let person = people[(index + index / 50) % people.count]
    return "The \(thing) with the number \(index * 37 + 1009) \(doing) \(person)"
  }
}
