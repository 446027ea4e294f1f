import ArgumentParser
import Foundation
import FumikuraClient
import FumikuraProtocol
import LinuxSystem
import PassageStore
import SentenceEncoder
import SystemPackage

struct BenchSearch: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "search",
    abstract: "Measure searches in a large index, by stage, and how soon a daemon that starts on it answers.",
    discussion: """
      Fills the database of a private daemon with passages that were never written, 40 to a file, whose files are there \
      for the permission checks; lets the daemon make its codes; starts it anew some times, and asks it questions over its \
      socket, one after the other, in each mode. No training is run: whitened PCA's codes are scanned. first_search is \
      the time from the start of the program to the reply, health the time to the first health reply. By --user, the \
      questions after the first come from another user of this machine, whose permissions are checked; everybody may \
      read the files. Only root can ask so, and the daemon tells others its times in whole milliseconds: round_trip is \
      exact.

        fumi bench search --passages 100000 --json
        fumi bench search --passages 1000000 --bits 2 --folder /var/tmp/bench     # filled once, then used again
        sudo fumi bench search --passages 1000000 --folder /var/tmp/bench --user nobody
      """)

  @Option(help: ArgumentHelp("A model's name, or the path of an .fmodel file.", valueName: "model"))
  var model = "all-MiniLM-L6-v2"
  @Option(help: "Passages in the index.") var passages = 100_000
  @Option(help: "Dimensions of a code.") var dimensions = 128
  @Option(help: "Bits a dimension: 8, 4, 2 or 1.") var bits = 2
  @Option(help: "Questions in each mode.") var queries = 100
  @Option(help: "Starts of the daemon.") var starts = 3
  @Option(help: ArgumentHelp("Keep the index in this folder, and use the one that is there.", valueName: "folder"))
  var folder: String?
  @Option(help: ArgumentHelp("Ask as this user of the machine, no administrator.", valueName: "name"))
  var user: String?
  @Option(help: "Seed of the passages and questions.") var seed: UInt64 = 1
  @Flag(help: "Print JSON.") var json = false

  struct Quantiles: Encodable {
    var median: Double
    var p95: Double

    init?(_ values: [Double]) {
      guard !values.isEmpty else { return nil }
      median = values.percentile(0.5)
      p95 = values.percentile(0.95)
    }

    enum CodingKeys: String, CodingKey {
      case median = "p50_ms"
      case p95 = "p95_ms"
    }
  }

  struct Report: Encodable {
    var passages: Int
    var bytesPerPassage: Int
    var queries: Int
    var projector: Int?
    /// By mode and stage.
    var modes: [String: [String: Quantiles]]
    /// Milliseconds from the start of the program.
    var health: Quantiles
    var firstSearch: Quantiles
    /// Megabytes (10⁶), with all processes: before the first question and after the last.
    var memoryAtStart: Double
    var memoryAfter: Double

    enum CodingKeys: String, CodingKey {
      case passages
      case bytesPerPassage = "bytes_per_passage"
      case queries, projector, modes, health
      case firstSearch = "first_search"
      case memoryAtStart = "pss_at_start_mb"
      case memoryAfter = "pss_after_mb"
    }
  }

  func validate() throws {
    if !(1000...100_000_000 ~= passages) {
      throw ValidationError("--passages: got \(passages), expected 1000 to 100000000")
    }
    if !(16...384 ~= dimensions) || dimensions % 8 != 0 {
      throw ValidationError("--dimensions: got \(dimensions), expected a multiple of 8 from 16 to 384")
    }
    if ![8, 4, 2, 1].contains(bits) { throw ValidationError("--bits: got \(bits), expected 8, 4, 2 or 1") }
    if queries < 1 { throw ValidationError("--queries: got \(queries), expected 1 or more") }
    if starts < 1 { throw ValidationError("--starts: got \(starts), expected 1 or more") }
  }

  func run() throws {
    let asker = try user.map(OtherUser.init(named:))
    let file = try ModelDirectories().file(of: model)
    let daemon = try PrivateDaemon(
      prepared: file, settle: 20, kept: folder.map { FilePath($0) },
      configuration: """
        [projector]
        train = false
        dimensions = \(dimensions)
        bits = \(bits)
        minimum_passages = 1000
        """)
    defer { daemon.stop() }
    if asker != nil {
      // Others must come to the socket and to the share; the state stays ours.
      try FileManager.default.setAttributes(
        [.posixPermissions: 0o711], ofItemAtPath: daemon.share.removingLastComponent().string)
    }
    let encoderModel = try EncoderModel(contentsOf: file)
    var corpus = try BenchCorpus(topics: 200, encoder: EncoderChoice(encoderModel).encoder, seed: seed)
    try fill(daemon, with: &corpus, model: encoderModel)
    try makeCodes(daemon)
    var health: [Double] = []
    var first: [Double] = []
    var client: Client?
    for _ in 0..<starts {
      client = nil
      daemon.end()
      let start = ContinuousClock.now
      try daemon.start()
      let new = try daemon.connect(patience: .seconds(60))
      let _: HealthReply = try new.call(.health, HealthParameters())
      health.append((ContinuousClock.now - start).milliseconds)
      _ = try new.call(.search, SearchParameters(query: corpus.question(), mode: .semantic))
      first.append((ContinuousClock.now - start).milliseconds)
      client = new
    }
    let memory = try daemon.memory()
    if let asker { client = try asker.acting { try daemon.connect(patience: .seconds(60)) } }
    var modes: [String: [String: Quantiles]] = [:]
    var projector: Int?
    for mode in [FumikuraProtocol.SearchMode.semantic, .hybrid, .keyword] {
      let replies = try ask(&corpus, mode, client!)
      projector = replies.first?.took.projector ?? projector
      modes[mode.rawValue] = stages(replies)
    }
    let report = Report(
      passages: passages, bytesPerPassage: (dimensions * bits + 7) / 8, queries: queries, projector: projector,
      modes: modes, health: Quantiles(health)!, firstSearch: Quantiles(first)!, memoryAtStart: Double(memory) / 1e6,
      memoryAfter: Double(try daemon.memory()) / 1e6)
    if json { return try Output.json(report) }
    try print(report)
  }

  private func print(_ report: Report) throws {
    let stages = ["encode", "scan", "rescore", "keyword", "snippet", "total", "beyond_encode", "round_trip"]
    let rows = report.modes.keys.sorted().map { mode in
      [mode]
        + stages.map { stage in
          report.modes[mode]![stage].map { "\($0.median.formatted(decimals: 1)) / \($0.p95.formatted(decimals: 1))" }
            ?? "–"
        }
    }
    try Output.table(header: ["p50 / p95 ms"] + stages, rows: rows)
    try Output.line(
      "\(passages) passages of \(report.bytesPerPassage) bytes; from the start to a health reply "
        + "\(report.health.median.formatted(decimals: 0)) ms, to the first hits "
        + "\(report.firstSearch.median.formatted(decimals: 0)) ms (of \(starts) starts); memory "
        + "\(report.memoryAtStart.formatted(decimals: 0)) MB, after the questions "
        + "\(report.memoryAfter.formatted(decimals: 0)) MB")
  }

  private func ask(
    _ corpus: inout BenchCorpus, _ mode: FumikuraProtocol.SearchMode, _ client: Client
  ) throws -> [(took: (times: StageTimes, projector: Int?), roundTrip: Double)] {
    let bar = ProgressBar(mode.rawValue, total: queries)
    defer { bar.finish() }
    return try (0..<queries).map { _ in
      let question = corpus.question()
      let start = ContinuousClock.now
      let reply: SearchReply = try client.call(.search, SearchParameters(query: question, mode: mode))
      let elapsed = ContinuousClock.now - start
      guard !reply.hits.isEmpty else { throw LabError.unusable("nothing was found for “\(question)” (\(mode))") }
      bar.advance(by: 1)
      return ((reply.took, reply.projector?.version), elapsed.milliseconds)
    }
  }

  private func stages(_ replies: [(took: (times: StageTimes, projector: Int?), roundTrip: Double)])
    -> [String: Quantiles]
  {
    let times = replies.map(\.took.times)
    return [
      "encode": times.compactMap(\.encode), "scan": times.compactMap(\.scan), "rescore": times.compactMap(\.rescore),
      "keyword": times.compactMap(\.keyword), "snippet": times.compactMap(\.snippet), "total": times.map(\.total),
      "beyond_encode": times.map { $0.total - ($0.encode ?? 0) }, "round_trip": replies.map(\.roundTrip),
    ].compactMapValues(Quantiles.init)
  }

  // MARK: The index

  /// Puts the passages into the database, unless it holds them already.
  private func fill(_ daemon: PrivateDaemon, with corpus: inout BenchCorpus, model: EncoderModel) throws {
    let store = try PassageStore(at: daemon.state.appending("fumikura.db"))
    let known = try store.counts().values.reduce(0) { $0 + $1.passages }
    if known >= passages { return }
    guard known == 0 else {
      throw LabError.unusable("\(folder ?? "") holds \(known) passages, expected none or \(passages): name another")
    }
    try store.remember(model: model.hash, name: model.name, path: FilePath(self.model))
    let root = try ShareRoot(path: daemon.share)
    let share = try store.register(share: "bench", root: daemon.share, device: root.attributes.device)
    _ = try store.setModel(of: share.id, to: model.hash)
    let bar = ProgressBar("filling", total: passages)
    defer { bar.finish() }
    let perFile = 40
    for number in 0..<(passages + perFile - 1) / perFile {
      let count = min(perFile, passages - number * perFile)
      let file = try file(number, of: count, from: &corpus, in: daemon, root, share: share.id, model: model.hash)
      _ = try store.commit(file, finishing: nil)
      bar.advance(by: count)
    }
  }

  /// One file, on the disk and as the store is to know it.
  private func file(
    _ number: Int, of count: Int, from corpus: inout BenchCorpus, in daemon: PrivateDaemon, _ root: ShareRoot,
    share: Int64, model: SHA256Digest
  ) throws -> IndexedFile {
    var passages: [NewPassage] = []
    var vectors: [NewVector] = []
    var start = 0
    for ordinal in 0..<count {
      let passage = corpus.passage()
      let key = PassageKey.of(passage.text, model: model)
      let length = passage.text.unicodeScalars.count
      passages.append(NewPassage(ordinal: ordinal, text: passage.text, start: start, length: length, key: key))
      vectors.append(NewVector(key: key, values: passage.values, scale: passage.scale))
      start += length + 2
    }
    let path = FilePath("\(number / 500)/\(number).txt")
    let place = URL(filePath: daemon.share.pushing(path).string)
    if number % 500 == 0 {
      try FileManager.default.createDirectory(at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
    }
    let bytes = Data(passages.map(\.text).joined(separator: "\n\n").utf8)
    try bytes.write(to: place)
    let opened = try root.open(path, for: .attributes)
    let attributes = try withExtendedLifetime(opened) { try FileAttributes.of(descriptor: opened.rawValue) }
    // Read long after it was written: what was read at once would be read again.
    return IndexedFile(
      share: share, path: path, attributes: attributes, contentHash: SHA256Digest(of: bytes),
      readAt: attributes.changed + 3_600_000_000_000, type: "text", model: model, passages: passages, vectors: vectors)
  }

  /// Runs the daemon until it has a projector, and codes of all passages.
  private func makeCodes(_ daemon: PrivateDaemon) throws {
    try daemon.start()
    let client = try daemon.connect(patience: .seconds(60))
    // A file that is new makes it look whether a projector is due.
    let note = URL(filePath: daemon.share.appending("note.txt").string)
    try Data("A note that is saved last, at \(Date()).\n".utf8).write(to: note)
    let patience = Duration.seconds(120 + passages / 1000)
    let start = ContinuousClock.now
    while true {
      let health: HealthReply = try client.call(.health, HealthParameters())
      if health.projector != nil, health.isReady { break }
      guard ContinuousClock.now - start < patience else {
        throw LabError.unusable("after \(patience) there is no projector; the daemon says: \(daemon.lastWords)")
      }
      usleep(200_000)
    }
    let _: SyncReply = try client.call(.sync, SyncParameters(timeoutMilliseconds: 300_000))
  }
}
