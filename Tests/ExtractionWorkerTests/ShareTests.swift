import Foundation
import LinuxSystem
import Synchronization
import SystemPackage
import Testing
import TextExtraction

@Suite("A real share, through real workers", .serialized)
struct ShareTests {
  /// Files and their outcomes, from as many threads as the pool has workers.
  private func outcomes(of paths: [FilePath], beneath root: ShareRoot, pool: ExtractionPool) async -> [(
    FilePath, ExtractionOutcome, Duration
  )] {
    let results = Results()
    let threads = WorkerThreads(name: "share", count: 2, priority: .query)
    let all = DispatchGroup()
    for path in paths {
      all.enter()
      threads.submit {
        defer { all.leave() }
        let clock = ContinuousClock()
        let start = clock.now
        do throws(LinuxError) {
          let file = try root.open(path, for: .content)
          let outcome = pool.extract(file, name: path)
          results.add((path, outcome, start.duration(to: clock.now)))
        } catch {
          results.add((path, .skipped(reason: "unreadable", detail: error.description), .zero))
        }
      }
    }
    await withCheckedContinuation { continuation in all.notify(queue: .global()) { continuation.resume() } }
    threads.stop()
    return results.all
  }

  private final class Results: Sendable {
    private let results = Mutex<[(FilePath, ExtractionOutcome, Duration)]>([])
    var all: [(FilePath, ExtractionOutcome, Duration)] { results.withLock { $0 } }
    func add(_ result: (FilePath, ExtractionOutcome, Duration)) { results.withLock { $0.append(result) } }
  }

  @Test("every file of the share ends in an outcome, and what a person sees in it is found", .timeLimit(.minutes(5)))
  func share() async throws {
    guard let shared = SharedData.required(for: "1,391 files of a share") else { return }
    let root = try ShareRoot(path: FilePath(shared + "/data/share"))
    let pool = ExtractionPool(worker: SharedData.worker, workers: 2, deadline: .seconds(30), memoryLimit: 512 << 20)
    defer { pool.stop() }
    let paths = SharedData.files(beneath: shared + "/data/share")
    let clock = ContinuousClock()
    let start = clock.now
    let outcomes = await outcomes(of: paths, beneath: root, pool: pool)
    print("\(paths.count) files in \(start.duration(to: clock.now))")
    for worker in pool.processIdentifiers {
      let memory = (try? String(contentsOfFile: "/proc/\(worker)/smaps_rollup", encoding: .utf8)) ?? ""
      print(
        "  worker \(worker):", memory.split(separator: "\n").filter { $0.hasPrefix("Pss:") || $0.hasPrefix("Rss:") })
    }
    var counts: [String: Int] = [:]
    for (_, outcome, _) in outcomes {
      var key = outcome.summary
      if case .text(let text) = outcome { key += " \(text.type)" }
      counts[key, default: 0] += 1
    }
    for (key, count) in counts.sorted(by: { $0.key < $1.key }) { print("  \(key): \(count)") }
    for (path, outcome, time) in outcomes.sorted(by: { $0.2 > $1.2 }).prefix(8) {
      print("  slow: \(time) \(path) \(outcome.summary)")
    }
    for (path, outcome, _) in outcomes {
      if case .failed(let reason, let detail) = outcome { print("  \(path): \(reason), \(detail ?? "")") }
      if case .text(let text) = outcome, let partial = text.partial { print("  \(path): partial, \(partial)") }
      #expect(
        !["failed:crash", "failed:deadline", "failed:memory", "failed:unavailable"].contains(outcome.summary), "\(path)"
      )
    }
    #expect(outcomes.count == paths.count && paths.count >= 1391)

    if let list = ProcessInfo.processInfo.environment["FUMIKURA_SHARE_LIST"] {
      // For people who compare two versions of the readers.
      let lines = outcomes.map { path, outcome, _ in
        guard case .text(let text) = outcome else { return "\(path)\t\(outcome.summary)" }
        let joined = text.joinedText().replacing("\n", with: "⏎").replacing("\t", with: " ")
        return "\(path)\t\(outcome.summary)\t\(text.type)\t\(text.title ?? "")\t\(joined)"
      }
      try lines.sorted().joined(separator: "\n").write(toFile: list, atomically: true, encoding: .utf8)
    }

    var texts: [String: ExtractedText] = [:]
    for case (let path, .text(let text), _) in outcomes { texts[path.string] = text }
    // About as many tokens as WordPiece makes: five letters of ASCII or one other.
    let cutter = PassageCutter { text in
      let narrow = text.utf8.count { $0 < 0x80 }
      return narrow / 5 + text.utf8.count { $0 >= 0xC0 }
    }
    var sizes: [Int] = []
    let cutting = clock.measure {
      for text in texts.values { sizes += cutter.passages(of: text).map { $0.length } }
    }
    sizes.sort()
    print(
      "\(sizes.count) passages in \(cutting), scalars: a tenth below \(sizes[sizes.count / 10]), half below \(sizes[sizes.count / 2])"
    )

    var found: [String: (found: Int, all: Int)] = [:]
    let rows = try String(contentsOfFile: shared + "/data/share-expect.tsv", encoding: .utf8).split(separator: "\n")
      .dropFirst()
    for row in rows {
      let fields = row.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      guard Self.ours.contains(fields[2]) else { continue }
      let text = texts[fields[0]].map { ($0.title ?? "") + "\n" + $0.joinedText() } ?? ""
      let phrase = Self.words(fields[1]).joined(separator: " ")
      let isFound =
        Self.words(text).joined(separator: " ").contains(phrase)
        || fields[3] == "ja" && Self.words(text).joined().contains(Self.words(fields[1]).joined())
      let key = "\(fields[2]) \(fields[3])"
      found[key, default: (0, 0)].all += 1
      if isFound { found[key]!.found += 1 } else { print("  not found: \(fields[0]): \(fields[1])") }
    }
    for (key, count) in found.sorted(by: { $0.key < $1.key }) { print("  \(key): \(count.found) of \(count.all)") }
    let share = Double(found.values.reduce(0) { $0 + $1.found }) / Double(found.values.reduce(0) { $0 + $1.all })
    print("phrases found: \(share)")
    #expect(share >= 0.98)
  }

  @Test("documents damaged at random end in an outcome each", .timeLimit(.minutes(2)))
  func damaged() async throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    print("seed \(seed)")
    var random = SeededGenerator(seed)
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fumikura-damaged-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { WorkerFolders.remove(folder) }
    var paths: [FilePath] = []
    let fixtures = Bundle.module.resourceURL!.appendingPathComponent("Fixtures")
    for name in [
      "report.docx", "report.pdf", "japanese.pdf", "page.html", "notes.md", "japanese-sjis.txt", "names.csv",
    ] {
      let whole = try Data(contentsOf: fixtures.appendingPathComponent(name))
      for number in 0..<60 {
        var bytes = Array(whole)
        for _ in 0..<Int.random(in: 1...12, using: &random) {
          bytes[bytes.indices.randomElement(using: &random)!] = UInt8.random(in: 0...255, using: &random)
        }
        let path = "\(number)-\(name)"
        try Data(bytes).write(to: folder.appendingPathComponent(path))
        paths.append(FilePath(path))
      }
    }
    let pool = ExtractionPool(worker: SharedData.worker, workers: 2, deadline: .seconds(10), memoryLimit: 256 << 20)
    defer { pool.stop() }
    var counts: [String: Int] = [:]
    for (path, outcome, _) in await outcomes(of: paths, beneath: try ShareRoot(path: FilePath(folder.path)), pool: pool)
    {
      counts[outcome.summary, default: 0] += 1
      #expect(!["failed:unavailable", "failed:deadline"].contains(outcome.summary), "\(path)")
    }
    print(counts.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", "))
    #expect(counts.values.reduce(0, +) == paths.count)
  }

  @Test(
    "every file of a hostile share ends in an outcome, within its time, and the pool lives on", .timeLimit(.minutes(5)))
  func hostileShare() async throws {
    guard let shared = SharedData.required(for: "a hostile share") else { return }
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fumikura-hostile-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { WorkerFolders.remove(folder) }
    let maker = Process()
    maker.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    maker.arguments = ["python3", shared + "/tools/make_hostile_share.py", folder.path + "/share"]
    try maker.run()
    maker.waitUntilExit()
    try #require(maker.terminationStatus == 0, "make_hostile_share.py")
    let root = try ShareRoot(path: FilePath(folder.path + "/share"))
    let deadline = Duration.seconds(8)
    let pool = ExtractionPool(worker: SharedData.worker, workers: 2, deadline: deadline, memoryLimit: 512 << 20)
    defer { pool.stop() }
    let paths = SharedData.files(beneath: folder.path + "/share")
    let clock = ContinuousClock()
    let start = clock.now
    let outcomes = await outcomes(of: paths, beneath: root, pool: pool)
    print("\(paths.count) files in \(start.duration(to: clock.now))")
    var counts: [String: Int] = [:]
    for (_, outcome, _) in outcomes { counts[outcome.summary, default: 0] += 1 }
    print(counts.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", "))
    for (path, outcome, time) in outcomes.sorted(by: { $0.2 > $1.2 }).prefix(8) {
      print("  slow: \(time) \(path) \(outcome.summary)")
    }

    var expected: [String: String] = [:]
    let manifest = try String(contentsOf: folder.appendingPathComponent("MANIFEST-hostile.tsv"), encoding: .utf8)
    for row in manifest.split(separator: "\n").dropFirst() {
      let fields = row.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      expected[fields[0]] = fields[2]
    }
    var unexpected = 0
    for (path, outcome, time) in outcomes {
      #expect(!["failed:crash", "failed:unavailable"].contains(outcome.summary), "\(path)")
      #expect(time < deadline * 3, "\(path)")
      if case .text(let text) = outcome, text.blocks.count < 1000,
        !text.joinedText().utf8.prefix(1 << 20).contains("kurokawa".utf8)
      {
        print("  no word found: \(path)")
      }
      guard let wanted = expected[path.string] else { continue }
      let summary = outcome.summary.hasPrefix("partial") ? "partial" : outcome.summary
      // Formats that are not read yet, and text that is read as text.
      if summary == "skipped:unsupported" || wanted.split(separator: "|").contains(Substring(summary)) { continue }
      unexpected += 1
      print("  \(path): \(outcome.summary), expected \(wanted)")
    }
    print("unlike the manifest: \(unexpected)")
    #expect(outcomes.count == paths.count)
    let plain = try #require(outcomes.first { $0.0 == "many/00000.txt" })
    #expect(plain.1.summary == "indexed")
  }

  private static let ours: Set<String> = [
    "adoc", "css", "csv", "docx", "go", "h", "html", "ini", "java", "js", "json", "log", "md", "org", "pdf", "py", "rs",
    "rst", "sql", "swift", "tex", "toml", "ts", "txt", "xml", "yaml",
  ]

  private static func words(_ text: String) -> [Substring] { text.split { $0.isWhitespace } }
}

private enum WorkerFolders {
  /// Removes a folder whose paths may be longer than a system call takes, with the tool that knows how.
  static func remove(_ folder: URL) {
    let remover = Process()
    remover.executableURL = URL(fileURLWithPath: "/bin/rm")
    remover.arguments = ["-rf", folder.path]
    do {
      try remover.run()
      remover.waitUntilExit()
    } catch { print("\(folder.path) stays: \(error)") }
  }
}
