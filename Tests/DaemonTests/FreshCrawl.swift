import Foundation
import PassageStore
import SystemPackage
import Testing

extension TestDaemon {
  /// Ends the daemon, and compares its index with that of another, which has just crawled the same share for the first
  /// time: files, sizes, hashes, states, passages and their texts. Also that the database agrees with itself.
  func expectIndexOfFreshCrawl(extra: String = "", sourceLocation: SourceLocation = #_sourceLocation) throws {
    #expect(stop() == 0, sourceLocation: sourceLocation)
    let fresh = try TestDaemon(share: share, extra: extra)
    try fresh.start()
    try fresh.sync()
    #expect(fresh.stop() == 0, sourceLocation: sourceLocation)
    let (here, there) = (try snapshot(), try fresh.snapshot())
    // Lines of one file follow each other: what is shown are the first differences.
    let difference = there.difference(from: here)
    let shown = difference.prefix(8).map { change in
      switch change {
      case .insert(_, let line, _): "missing: \(line.prefix(200))"
      case .remove(_, let line, _): "surplus: \(line.prefix(200))"
      }
    }
    if !difference.isEmpty {
      Issue.record(
        "\(difference.count) lines differ from a fresh crawl's \(there.count):\n\(shown.joined(separator: "\n"))",
        sourceLocation: sourceLocation)
    }
    #expect(there.contains { $0.hasPrefix("passage ") }, sourceLocation: sourceLocation)
    #expect(try PassageStore(at: FilePath("\(state)/fumikura.db")).verify() == [], sourceLocation: sourceLocation)
  }

  /// Waits until the daemon ends by itself, and returns the signal or status that it ended with; nil where it still runs
  /// after so many seconds.
  func waitForEnd(within seconds: Double) -> Int32? {
    guard let process else { return nil }
    let ended = DispatchSemaphore(value: 0)
    process.terminationHandler = { _ in ended.signal() }
    if process.isRunning, ended.wait(timeout: .now() + seconds) == .timedOut { return nil }
    return waitForEnd()
  }

  /// The daemon's own child that runs `program`; nil where there is none.
  func child(running program: String) -> pid_t? {
    guard let parent = process?.processIdentifier else { return nil }
    // A name that cannot be listed or read any more is that of a process that has ended.
    let numbers = ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { pid_t($0) }
    return numbers.first { number in
      guard let text = try? String(contentsOfFile: "/proc/\(number)/stat", encoding: .utf8),
        let name = text.firstIndex(of: "("), let end = text.lastIndex(of: ")")
      else { return false }
      // After the name: the state, then the parent.
      let fields = text[text.index(after: end)...].split(separator: " ")
      return text[text.index(after: name)..<end] == program.prefix(15) && fields.count > 1 && pid_t(fields[1]) == parent
        && fields[0] != "Z"
    }
  }
}
