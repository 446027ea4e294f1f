import FileWatching
import Foundation
import LinuxSystem
import SystemPackage
import Testing

@Suite("Random file operations", .serialized)
struct RandomOperationsTests {
  @Test(
    "a store that lives by hints alone equals a fresh crawl, whatever is done to files and to the watch process",
    arguments: [
      [], ["--backlog", "200"],
    ])
  func random(watchArguments: [String]) throws {
    let seed =
      ProcessInfo.processInfo.environment["FUMIKURA_SEED"].flatMap(UInt64.init) ?? UInt64.random(in: 0...UInt64.max)
    print("random file operations: FUMIKURA_SEED=\(seed)")
    let share = try TemporaryShare()
    let outside = try TemporaryShare()
    try outside.makeDirectory("secret")
    try outside.write("secret/file", "never in the store")
    let mirror = StoreMirror(root: try share.open())
    let watched = try WatchedShare(
      share, settle: .milliseconds(5), maximumDelay: .milliseconds(50), moveGrace: .milliseconds(10),
      watchArguments: watchArguments
    ) { mirror.take($0) }
    for round in 0..<4 {
      // Two writers and one who harms the watch process.
      DispatchQueue.concurrentPerform(iterations: 3) { worker in
        var generator = SeededGenerator(seed: seed &+ UInt64(round * 3 + worker))
        if worker < 2 {
          for _ in 0..<400 { Self.operate(share, outside, &generator) }
        } else {
          for _ in 0..<(round == 0 ? 0 : 3) {
            guard let process = watched.watcher.watchProcessID else { continue }
            switch Int.random(in: 0..<3, using: &generator) {
            case 0: kill(process, SIGKILL)
            default:
              kill(process, SIGSTOP)
              for _ in 0..<100 { Self.operate(share, outside, &generator) }
              kill(process, SIGCONT)
            }
          }
        }
      }
      try watched.watcher.synchronize()
      let (stored, there) = (mirror.contents, try StoreMirror.crawl(watched.root))
      let differing = Set(stored.keys).union(there.keys).filter { stored[$0] != there[$0] }
      for path in differing.sorted(by: { $0.string < $1.string }).prefix(5) {
        Issue.record(
          "round \(round), seed \(seed): \(path) is \(there[path] ?? "gone"), stored as \(stored[path] ?? "gone")")
      }
      #expect(!there.keys.contains { $0.string.contains("file") })
    }
    print(
      "\(mirror.contents.count) files at the end, \(mirror.readCount) reads,"
        + " \(watched.status.restarts) restarts, \(watched.status.overflows) overflows")
  }

  /// One operation on a small set of names, so that they meet. What cannot be done is not done.
  private static func operate(
    _ share: TemporaryShare, _ outside: TemporaryShare, _ generator: inout SeededGenerator
  ) {
    func number(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &generator) }
    func directory() -> FilePath {
      var path = FilePath()
      for _ in 0..<number(4) { path.append(["a", "b", "c"][number(3)]) }
      return path
    }
    func file() -> FilePath { directory().appending(["1", "2", "3", "4", "x.tmp"][number(5)]) }
    do {
      switch number(21) {
      case 0...5: try share.write(file(), "text \(number(1000))", flags: number(4) == 0 ? O_TRUNC : O_APPEND)
      case 6, 7: try share.makeDirectory(directory().appending(["a", "b", "c"][number(3)]))
      case 8: try share.write(file(), "same size \(number(10))", flags: 0)
      case 9, 10: try share.rename(file(), file())
      case 11, 12:
        // Not the root: a link may lead out, and the root go that way.
        let (from, to) = (directory(), directory())
        if !from.isEmpty { try share.rename(from, to) }
      case 13: try share.remove(file())
      case 14: try share.changeMode(file(), [0o600, 0o644, 0o640][number(3)])
      case 15:
        let path = directory()
        if !path.isEmpty && number(3) == 0 {
          try FileManager.default.removeItem(atPath: share.path.pushing(path).string)
        }
      case 16: try share.link(file(), to: "1")
      case 17:
        // A directory swapped for a link to a place outside.
        let path = directory()
        guard !path.isEmpty else { return }
        try FileManager.default.removeItem(atPath: share.path.pushing(path).string)
        try share.link(path, to: outside.path.appending("secret").string)
      case 18:
        let path = file()
        try share.rename(path, outside.path.appending("out"))
        try share.rename(outside.path.appending("out"), number(2) == 0 ? path : file())
      case 19:
        let (from, to) = (directory(), directory())
        guard !from.isEmpty, !to.isEmpty else { return }
        try share.rename(from, outside.path.appending("d\(number(3))"))
        try share.rename(outside.path.appending("d\(number(3))"), to)
      case 20:
        // An editor's save.
        let path = file()
        try share.write(path.removingLastComponent().appending("x.tmp"), "saved \(number(1000))")
        try share.rename(path.removingLastComponent().appending("x.tmp"), path)
      // No hard links: what is written through a name that is ignored, or outside, is told to nobody.
      default: break
      }
    } catch {
      // Another writer was there first, or the names do not fit together: an operation less.
    }
  }
}
