import Foundation
import FumikuraProtocol
import Glibc
import ProtocolFixtures
import Synchronization
import Testing

@Suite("Attempts to see more", .serialized, .enabled(if: isRoot, "needs root, to make users"))
struct AttackTests {
  @Test("random owners, modes and ACLs: what users find is what the kernel lets them open")
  func sameAsKernel() throws {
    let given = ProcessInfo.processInfo.environment["FUMIKURA_SEED"].flatMap(UInt64.init)
    let seed = given ?? UInt64.random(in: 0...(.max))
    print("owners, modes and ACLs: FUMIKURA_SEED=\(seed)")
    var random = SeededGenerator(seed: seed)
    let daemon = try TestDaemon()
    let users = [try TestUser(), try TestUser(), try TestUser()]
    let groups = [try TestGroup(), try TestGroup()]
    try users[0].join(groups[0])
    try users[1].join(groups[0])
    try users[1].join(groups[1])
    let uids = users.map(\.userID) + [0]
    let gids = users.map(\.groupID) + groups.map(\.groupID) + [0]
    func shuffle(_ name: String, isDirectory: Bool) throws {
      let path = "\(daemon.share)/\(name)"
      guard chown(path, uids.randomElement(using: &random)!, gids.randomElement(using: &random)!) == 0,
        // Directories mostly let pass, or else nobody would see anything at all.
        chmod(
          path, mode_t.random(in: 0...0o777, using: &random) | (isDirectory && Bool.random(using: &random) ? 0o111 : 0))
          == 0
      else { throw TestDaemon.Missing("\(path): errno \(errno)") }
      guard Int.random(in: 0..<3, using: &random) == 0 else { return }
      var entries: [String] = []
      for user in users where Bool.random(using: &random) { entries.append("user:\(user.name):\(rights(&random))") }
      for group in groups where Bool.random(using: &random) { entries.append("group:\(group.name):\(rights(&random))") }
      if Bool.random(using: &random) { entries.append("mask::\(rights(&random))") }
      if !entries.isEmpty { try daemon.acl(entries.joined(separator: ","), name) }
    }
    let folders = ["a", "a/b", "a/b/c", "d", "d/e", "f", "f/g/h", "f/g"]
    var names: [String] = []
    for number in 0..<120 {
      let name = "\(folders.randomElement(using: &random)!)/paper \(number).txt"
      try daemon.fill(name, 0o644, about: "matter \(number % 20) of the council")
      names.append(name)
    }
    func shuffleAll() throws {
      for name in names { try shuffle(name, isDirectory: false) }
      for folder in folders { try shuffle(folder, isDirectory: true) }
    }
    try shuffleAll()
    try daemon.start()
    try daemon.sync()
    let sessions = try users.map { try UserSession($0, socket: daemon.socket) }
    let paths = names.map { "\(daemon.share)/\($0)" }
    var seen = 0
    for round in 0..<6 {
      if round > 0 {
        try shuffleAll()
        // Before the index has looked: nothing that may not be read, and perhaps not yet all that may be.
        for (user, session) in zip(users, sessions) {
          let readable = try user.readable(of: paths)
          let found = try session.search("matters of the council", limit: 100).map(\.path.description)
          #expect(readable.isSuperset(of: found), "round \(round), \(user.name)")
          #expect(readable.isSuperset(of: try session.files()), "round \(round), \(user.name)")
        }
        try daemon.sync()
      }
      for (user, session) in zip(users, sessions) {
        let readable = try user.readable(of: paths)
        seen += readable.count
        #expect(Set(try session.files()) == readable, "round \(round), \(user.name)")
        let found = try session.search("matters of the council", limit: 100).map(\.path.description)
        #expect(
          readable.isSuperset(of: found) && found.count == min(100, readable.count), "round \(round), \(user.name)")
        #expect(
          try session.call(.indexStatus, IndexStatusParameters()).shares.first?.files?.indexed ?? 0 == readable.count)
      }
    }
    print("\(seen) times a user could read a file, of \(6 * 3 * names.count)")
    #expect(seen > 100)
    #expect(daemon.stop() == 0)
  }

  private func rights(_ random: inout SeededGenerator) -> String {
    ["---", "r--", "r-x", "--x", "rwx"].randomElement(using: &random)!
  }

  @Test(
    "a folder that is swapped back and forth under query and index opens nothing", arguments: [0, 30_000])
  func swapped(settleMilliseconds: Int) throws {
    let daemon = try TestDaemon(settleMilliseconds: settleMilliseconds, extra: "max_delay_ms = 60000")
    let user = try TestUser()
    try daemon.write("The zqsecret paper about the merger with the harbour company.", to: "theirs/closed/paper.txt")
    try daemon.fill("theirs/open/paper.txt", 0o644, about: "the weather")
    try daemon.mode(0o700, "theirs/closed")
    try daemon.start()
    try daemon.sync()
    let session = try UserSession(user, socket: daemon.socket)
    let folder = "\(daemon.share)/theirs"
    var swaps = 0
    for round in 0..<4 {
      let swapping = Swapping("\(folder)/closed", "\(folder)/open", by: "\(folder)/third")
      for query in 0..<25 {
        let path = "\(folder)/\(query % 2 == 0 ? "closed" : "open")/paper.txt"
        let answers = [
          try session.ask("search", ["query": "merger", "limit": 100]),
          try session.ask("similar", ["text": "merger", "limit": 100]),
          try session.ask("index.why", ["path": .string(path)]),
        ]
        for answer in answers { #expect(!answer.text.contains("zqsecret"), "round \(round): \(answer.text)") }
      }
      swaps += swapping.stop()
      // The index comes to know the folders as they lie now; a sync would never end while they are swapped.
      try daemon.sync()
    }
    print("\(swaps) swaps in 300 queries")
    #expect(daemon.stop() == 0)
  }

  @Test("another folder in a closed one's place, made before the index has looked, shows nothing of it")
  func replaced() throws {
    let daemon = try TestDaemon(settleMilliseconds: 30_000, extra: "max_delay_ms = 60000")
    let user = try TestUser()
    try daemon.write("The zqsecret paper about the merger with the harbour company.", to: "theirs/closed/paper.txt")
    try daemon.mode(0o700, "theirs/closed")
    try daemon.start()
    try daemon.sync()
    let session = try UserSession(user, socket: daemon.socket)
    rename("\(daemon.share)/theirs/closed", "\(daemon.folder)/away")
    try daemon.fill("theirs/closed/paper.txt", 0o644, about: "the weather")
    for _ in 0..<2 {
      let answer = try session.ask("search", ["query": "merger", "limit": 100])
      #expect(!answer.text.contains("zqsecret"))
      try daemon.sync()
    }
    #expect(try session.search("weather").count == 1)
    #expect(daemon.stop() == 0)
  }

  @Test(
    "links: a link's target is not in the share, a hard link is seen where its folder is, a linked root is what it leads to"
  )
  func links() throws {
    let user = try TestUser()
    let daemon = try TestDaemon()
    let outside = "\(daemon.folder)/outside"
    try FileManager.default.createDirectory(atPath: "\(outside)/vault/real", withIntermediateDirectories: true)
    try daemon.text(about: "the merger", "zqoutside").write(
      toFile: "\(outside)/zqoutside.txt", atomically: false, encoding: .utf8)
    try daemon.text(about: "the second share", "zqlinked").write(
      toFile: "\(outside)/vault/real/zqlinked.txt", atomically: false, encoding: .utf8)
    symlink("\(outside)/zqoutside.txt", "\(daemon.share)/link.txt")
    symlink(outside, "\(daemon.share)/folder")
    symlink("\(outside)/vault/real", "\(daemon.folder)/root")
    try daemon.fill("closed/hard.txt", 0o644, about: "the chairs")
    try daemon.fill("closed/private.txt", 0o600, about: "the tables")
    mkdir("\(daemon.share)/open", 0o755)
    link("\(daemon.share)/closed/hard.txt", "\(daemon.share)/open/hard.txt")
    link("\(daemon.share)/closed/private.txt", "\(daemon.share)/open/private.txt")
    try daemon.mode(0o700, "closed")
    try daemon.edit { $0 + "\n[[share]]\nname = \"linked\"\npath = \"\(daemon.folder)/root\"\n" }
    try daemon.start()
    try daemon.sync()
    #expect(try !daemon.files().contains { $0.path.description.contains("folder/") })
    let session = try UserSession(user, socket: daemon.socket)
    #expect(try session.search("merger", limit: 100).allSatisfy { !$0.path.description.contains("outside") })
    #expect(
      Set(try session.files()) == ["\(daemon.share)/open/hard.txt", "\(daemon.folder)/root/zqlinked.txt"])
    #expect(try session.search("second share").first?.path.description == "\(daemon.folder)/root/zqlinked.txt")
    // The way that counts is the one to where the link leads.
    chmod("\(outside)/vault", 0o700)
    #expect(try session.files() == ["\(daemon.share)/open/hard.txt"])
    #expect(try session.search("second share").allSatisfy { $0.share == "documents" })
    let status = try session.call(.indexStatus, IndexStatusParameters())
    #expect(status.shares.map(\.name) == ["documents"] && status.shares[0].files?.indexed == 1)
    chmod("\(outside)/vault", 0o755)
    #expect(try session.call(.indexStatus, IndexStatusParameters()).shares.count == 2)
    // Leading it elsewhere moves nothing: the folder that is served is the one that was opened.
    unlink("\(daemon.folder)/root")
    symlink("\(daemon.share)/closed", "\(daemon.folder)/root")
    #expect(try session.ask("search", ["query": "tables", "limit": 100])["result"]?.text.contains("private") == false)
    #expect(daemon.stop() == 0)
  }
}

/// A thread that swaps two folders again and again.
private final class Swapping: Sendable {
  private let stopping = DispatchSemaphore(value: 0)
  private let count = Atomic(0)
  private let ended = DispatchSemaphore(value: 0)

  init(_ one: String, _ other: String, by third: String) {
    Thread.detachNewThread { [self] in
      // Half a millisecond between two swaps, or the index would have hours to do with their events.
      repeat {
        rename(one, third)
        rename(other, one)
        rename(third, other)
        count.add(1, ordering: .relaxed)
      } while stopping.wait(timeout: .now() + .microseconds(500)) == .timedOut
      ended.signal()
    }
  }

  /// Ends it, and tells how often it swapped.
  func stop() -> Int {
    stopping.signal()
    ended.wait()
    return count.load(ordering: .relaxed)
  }
}
