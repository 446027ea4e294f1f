import Foundation
import LinuxSystem
import Synchronization
import SystemPackage
import Testing
import TextExtraction

@Suite("The pool of workers")
struct ExtractionPoolTests {
  private func extract(_ order: String, with pool: ExtractionPool) throws -> ExtractionOutcome {
    try pool.extract(WorkerFixture.order(order), name: "order.txt")
  }

  private func plain(_ text: String, with pool: ExtractionPool) throws -> String? {
    let outcome = try pool.extract(WorkerFixture.file(text.utf8), name: "plain.txt")
    guard case .text(let found) = outcome else {
      print("not text: \(outcome)")
      return nil
    }
    return found.joinedText()
  }

  private func reason(_ outcome: ExtractionOutcome) -> String {
    switch outcome {
    case .text: "text"
    case .skipped(let reason, _): "skipped:\(reason)"
    case .failed(let reason, _): "failed:\(reason)"
    }
  }

  @Test("a plain file comes back as text, and one worker serves many files")
  func plainFiles() throws {
    let pool = WorkerFixture.pool()
    defer { pool.stop() }
    let clock = ContinuousClock()
    let start = clock.now
    #expect(try plain("one", with: pool) == "one")
    let ready = clock.now
    let first = pool.processIdentifiers
    #expect(try plain("two", with: pool) == "two")
    print("a new worker's first file: \(start.duration(to: ready)), its next: \(ready.duration(to: clock.now))")
    for number in 0..<50 { #expect(try plain("file \(number)", with: pool) == "file \(number)") }
    #expect(pool.processIdentifiers == first && first.count == 1)
  }

  @Test(
    "a file that breaks its worker fails with the reason, and the next file gets a new worker",
    arguments: [
      ("allocate", "failed:memory"), ("allocate-array", "failed:memory"), ("allocate-at-once", "failed:memory"),
      ("trap", "failed:crash"), ("abort", "failed:crash"), ("segment", "failed:crash"), ("overflow", "failed:crash"),
      ("exit", "failed:crash"), ("garbage", "failed:crash"), ("oversized", "failed:crash"), ("close", "failed:crash"),
    ])
  func breaks(order: String, expected: String) throws {
    let pool = WorkerFixture.pool()
    defer { pool.stop() }
    #expect(try plain("before", with: pool) == "before")
    let first = pool.processIdentifiers
    let outcome = try extract(order, with: pool)
    print("\(order): \(outcome)")
    #expect(reason(outcome) == expected)
    #expect(first.allSatisfy { kill($0, 0) < 0 && errno == ESRCH }, "the broken worker is gone and reaped")
    #expect(try plain("after", with: pool) == "after")
    #expect(pool.processIdentifiers.count == 1 && pool.processIdentifiers != first)
  }

  @Test(
    "a file that takes too long is given up at the deadline",
    arguments: ["hang", "spin", "unfinished"])
  func deadline(order: String) throws {
    let pool = WorkerFixture.pool(deadline: .milliseconds(700))
    defer { pool.stop() }
    #expect(try plain("before", with: pool) == "before")
    let first = pool.processIdentifiers
    let clock = ContinuousClock()
    var outcome: ExtractionOutcome?
    let time = try clock.measure { outcome = try extract(order, with: pool) }
    #expect(outcome.map(reason) == "failed:deadline")
    #expect(time >= .milliseconds(700) && time < .seconds(5))
    #expect(first.allSatisfy { kill($0, 0) < 0 && errno == ESRCH })
    #expect(try plain("after", with: pool) == "after")
  }

  @Test("a reply too many is never taken for the next file's")
  func staleReply() throws {
    let pool = WorkerFixture.pool()
    defer { pool.stop() }
    #expect(try reason(extract("stale", with: pool)) == "skipped:first")
    // The next file may fail for it (the worker is seen to lie then), but gets no other file's outcome.
    let next = try reason(extract("report", with: pool))
    #expect(next == "text" || next == "failed:crash")
    for number in 0..<5 { #expect(try plain("next \(number)", with: pool) == "next \(number)") }
  }

  @Test("a worker holds no capability, no privilege and no descriptor but its own three and the file")
  func confinement() throws {
    let pool = WorkerFixture.pool()
    defer { pool.stop() }
    // Descriptors of ours that would be inherited if anything were.
    let leaked = open("/etc/hostname", O_RDONLY)
    defer { close(leaked) }
    guard case .text(let report) = try extract("report", with: pool) else {
      Issue.record("no report")
      return
    }
    let lines = Dictionary(
      report.blocks[0].text.split(separator: "\n").map { line in
        let parts = line.split(separator: ":", maxSplits: 1)
        return (String(parts[0]), parts[1].trimmingCharacters(in: .whitespaces))
      }, uniquingKeysWith: { $1 })
    print(lines.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", "))
    #expect(lines["descriptors"] == "4")
    for set in ["CapInh", "CapPrm", "CapEff", "CapAmb"] { #expect(lines[set] == "0000000000000000", "\(set)") }
    #expect(lines["NoNewPrivs"] == "1" && lines["shadow"] == "refused" && lines["nice"] == "10")
    if geteuid() == 0 { #expect(lines["uid"] == "65534" && lines["gid"] == "65534" && lines["groups"] == "0") }

    // The same from outside.
    let worker = try #require(pool.processIdentifiers.first)
    let status = try String(contentsOfFile: "/proc/\(worker)/status", encoding: .utf8)
    #expect(status.contains("CapEff:\t0000000000000000") && status.contains("NoNewPrivs:\t1"))
    let limits = try String(contentsOfFile: "/proc/\(worker)/limits", encoding: .utf8)
      .split(separator: "\n").map { $0.split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ") }
    for limit in ["Max core file size 0 0 bytes", "Max file size 0 0 bytes", "Max open files 32 32 files"] {
      #expect(limits.contains(limit))
    }
    #expect(try String(contentsOfFile: "/proc/\(worker)/oom_score_adj", encoding: .utf8) == "900\n")
    if geteuid() == 0 {
      #expect(try FileManager.default.contentsOfDirectory(atPath: "/proc/\(worker)/fd").sorted() == ["0", "1", "2"])
      let links = try (1...2).map {
        try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(worker)/fd/\($0)")
      }
      #expect(links == ["/dev/null", "/dev/null"])
    }
  }

  @Test("the descriptor's offset, which worker and daemon share, stays where it was")
  func offset() throws {
    let pool = WorkerFixture.pool()
    defer { pool.stop() }
    let file = try WorkerFixture.file("some words".utf8)
    lseek(file.rawValue, 3, SEEK_SET)
    #expect(reason(pool.extract(file, name: "a.txt")) == "text")
    #expect(lseek(file.rawValue, 0, SEEK_CUR) == 3)
  }

  @Test("many threads at once, good files among bad, each get their own file's outcome")
  func manyThreads() async throws {
    let pool = WorkerFixture.pool(workers: 3, deadline: .seconds(20), filesPerWorker: 7)
    defer { pool.stop() }
    let wrong = Notes()
    let threads = WorkerThreads(name: "test", count: 12, priority: .query)
    let all = DispatchGroup()
    for number in 0..<120 {
      all.enter()
      threads.submit {
        defer { all.leave() }
        let bad = number % 10 == 9
        let text = bad ? "FUMIKURA-TEST-HOOK trap\n" : "file \(number)"
        do {
          let outcome = try pool.extract(WorkerFixture.file(text.utf8), name: "a.txt")
          switch outcome {
          case .text(let found) where !bad && found.joinedText() == text: break
          case .failed("crash", _) where bad: break
          default: wrong.add("\(number): \(outcome)")
          }
        } catch { wrong.add("\(number): \(error)") }
      }
    }
    await withCheckedContinuation { continuation in all.notify(queue: .global()) { continuation.resume() } }
    #expect(wrong.all == [])
    #expect(pool.processIdentifiers.count <= 3)
  }

  @Test("a worker is replaced after its share of files")
  func recycling() throws {
    let pool = WorkerFixture.pool(filesPerWorker: 3)
    defer { pool.stop() }
    var seen: Set<CInt> = []
    for number in 0..<9 {
      #expect(try plain("\(number)", with: pool) == "\(number)")
      seen.formUnion(pool.processIdentifiers)
    }
    #expect(pool.processIdentifiers.isEmpty && seen.count == 3)
  }

  @Test("a worker that was killed while idle costs no file")
  func killedIdle() throws {
    let pool = WorkerFixture.pool()
    defer { pool.stop() }
    #expect(try plain("before", with: pool) == "before")
    for worker in pool.processIdentifiers {
      kill(worker, SIGKILL)
      // Dead, and left for the pool to reap.
      var information = siginfo_t()
      waitid(P_PID, id_t(worker), &information, WEXITED | WNOWAIT)
    }
    #expect(try plain("after", with: pool) == "after")
  }

  @Test("stop ends the workers and frees who waits for them; later calls are refused")
  func stops() async throws {
    let pool = WorkerFixture.pool(deadline: .seconds(60))
    #expect(try plain("before", with: pool) == "before")
    let worker = try #require(pool.processIdentifiers.first)
    let outcomes = Notes()
    let threads = WorkerThreads(name: "test", count: 3, priority: .query)
    let all = DispatchGroup()
    for text in ["FUMIKURA-TEST-HOOK hang\n", "FUMIKURA-TEST-HOOK hang\n"] {
      all.enter()
      threads.submit {
        defer { all.leave() }
        do {
          outcomes.add(reason(try pool.extract(WorkerFixture.file(text.utf8), name: "a.txt")))
        } catch { outcomes.add("\(error)") }
      }
    }
    all.enter()
    threads.submit {
      defer { all.leave() }
      // The worker has closed nothing and used no time since it was given its file: it hangs in pause(2).
      while !isPaused(worker) { sched_yield() }
      pool.stop()
    }
    await withCheckedContinuation { continuation in all.notify(queue: .global()) { continuation.resume() } }
    #expect(kill(worker, 0) < 0 && errno == ESRCH)
    #expect(outcomes.all == ["failed:unavailable", "failed:unavailable"])
    #expect(try reason(extract("report", with: pool)) == "failed:unavailable")
    threads.stop()
  }

  /// Whether the process waits in pause(2), which has number 34 on x86-64; elsewhere nothing is waited for.
  private func isPaused(_ process: CInt) -> Bool {
    #if arch(x86_64)
      guard geteuid() == 0 else { return true }
      return (try? String(contentsOfFile: "/proc/\(process)/syscall", encoding: .utf8))?.hasPrefix("34 ") ?? true
    #else
      return true
    #endif
  }

  @Test("what is no regular file, empty or too big is answered without a worker")
  func withoutWorker() throws {
    let pool = ExtractionPool(
      worker: WorkerFixture.program, workers: 1, deadline: .seconds(1), memoryLimit: 1 << 28, maximumFileSize: 10)
    defer { pool.stop() }
    let null = OwnedDescriptor(open("/dev/null", O_RDONLY | O_CLOEXEC))
    #expect(reason(pool.extract(null, name: "null")) == "skipped:not-regular")
    #expect(try reason(pool.extract(WorkerFixture.file([]), name: "a")) == "skipped:empty")
    #expect(try reason(pool.extract(WorkerFixture.file("eleven char".utf8), name: "a")) == "skipped:too-big")
    #expect(pool.processIdentifiers.isEmpty)
  }

  @Test("a worker that cannot be started is no file's fault")
  func noProgram() throws {
    for program in ["/nonexistent/fumikura-extract", "/bin/false"] {
      let pool = ExtractionPool(worker: FilePath(program), workers: 1, deadline: .seconds(1), memoryLimit: 1 << 28)
      defer { pool.stop() }
      let outcome = try pool.extract(WorkerFixture.file("a".utf8), name: "a")
      print(outcome)
      #expect(reason(outcome) == "failed:unavailable")
    }
  }

  /// What threads have to say.
  private final class Notes: Sendable {
    private let notes = Mutex<[String]>([])
    var all: [String] { notes.withLock { $0 } }
    func add(_ note: String) { notes.withLock { $0.append(note) } }
  }
}
