import Foundation
import FumikuraProtocol
import Glibc
import Testing

/// What is taken away counts with the next query, before the index has heard of it: it settles for half a minute here,
/// and only `sync` makes it look at once. What is given counts after that.
@Suite("Rights that are taken and given", .serialized, .enabled(if: isRoot, "needs root, to make users"))
struct RevocationTests {
  private static let patient = "max_delay_ms = 60000"

  /// Which methods show the user a file that has `word` in its text.
  private static func views(_ session: UserSession, _ path: String, _ word: String) throws -> Set<String> {
    var views: Set<String> = []
    for mode in [SearchMode.hybrid, .semantic, .keyword]
    where try session.search(word, limit: 100, mode: mode).contains(where: { $0.path.description == path }) {
      views.insert("search \(mode.rawValue)")
    }
    let similar = try session.call(.similar, SimilarParameters(text: word, limit: 100)).hits
    if similar.contains(where: { $0.path.description == path }) { views.insert("similar to a text") }
    if try session.ask("similar", ["path": .string(path)])["result"] != nil { views.insert("similar to the file") }
    if try session.files().contains(path) { views.insert("files") }
    if try session.call(.indexWhy, IndexWhyParameters(path: WirePath(path))).state == .indexed { views.insert("why") }
    return views
  }

  private static let all: Set<String> = [
    "search hybrid", "search semantic", "search keyword", "similar to a text", "similar to the file", "files", "why",
  ]

  @Test("chmod, chown, ACLs and groups, of a file, of a folder and above the share")
  func everyWay() throws {
    let outer = "/tmp/fumikura-outer-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(atPath: "\(outer)/share", withIntermediateDirectories: true)
    defer { _ = try? FileManager.default.removeItem(atPath: outer) }  // /tmp's to clean otherwise
    let daemon = try TestDaemon(share: "\(outer)/share", settleMilliseconds: 30_000, extra: Self.patient)
    let (user, team) = (try TestUser(), try TestGroup())
    try user.join(team)
    func own(_ name: String, _ uid: uid_t, _ gid: gid_t) { #expect(chown("\(daemon.share)/\(name)", uid, gid) == 0) }
    try daemon.fill("plain.txt", 0o644, about: "chickens")
    try daemon.fill("owned.txt", 0o600, about: "geese")
    own("owned.txt", user.userID, 0)
    try daemon.fill("listed.txt", 0o600, about: "ducks")
    try daemon.acl("user:\(user.name):r", "listed.txt")
    try daemon.fill("teams.txt", 0o640, about: "swans")
    own("teams.txt", 0, team.groupID)
    try daemon.fill("folder/within.txt", 0o644, about: "herons")
    try daemon.fill("kept/by/list.txt", 0o644, about: "storks")
    try daemon.mode(0o700, "kept")
    try daemon.acl("user:\(user.name):x", "kept")
    try daemon.start()
    try daemon.sync()
    var session = try UserSession(user, socket: daemon.socket)

    typealias Way = (file: String, take: () throws -> Void, give: () throws -> Void)
    let setfacl = { (arguments: [String]) in _ = try Shell.run("/usr/bin/setfacl", arguments) }
    let share = daemon.share
    let ways: [Way] = [
      ("plain.txt", { try daemon.mode(0o600, "plain.txt") }, { try daemon.mode(0o644, "plain.txt") }),
      ("plain.txt", { chmod(outer, 0o700) }, { chmod(outer, 0o755) }),
      ("plain.txt", { chmod(share, 0o750) }, { chmod(share, 0o755) }),
      (
        "plain.txt", { try daemon.acl("user:\(user.name):-", "plain.txt") },
        { try setfacl(["-b", "\(share)/plain.txt"]) }
      ),
      (
        "plain.txt", { try daemon.acl("group:\(team.name):-", "plain.txt") },
        { try setfacl(["-b", "\(share)/plain.txt"]) }
      ),
      ("owned.txt", { own("owned.txt", 0, 0) }, { own("owned.txt", user.userID, 0) }),
      ("owned.txt", { try daemon.mode(0o077, "owned.txt") }, { try daemon.mode(0o600, "owned.txt") }),
      (
        "listed.txt", { try setfacl(["-x", "user:\(user.name)", "\(share)/listed.txt"]) },
        { try daemon.acl("user:\(user.name):r", "listed.txt") }
      ),
      (
        "listed.txt", { try daemon.acl("mask::-", "listed.txt") }, { try daemon.acl("mask::r", "listed.txt") }
      ),
      ("teams.txt", { own("teams.txt", 0, 0) }, { own("teams.txt", 0, team.groupID) }),
      ("folder/within.txt", { try daemon.mode(0o700, "folder") }, { try daemon.mode(0o755, "folder") }),
      ("folder/within.txt", { try daemon.mode(0o766, "folder") }, { try daemon.mode(0o711, "folder") }),
      (
        "folder/within.txt", { rename("\(share)/folder", "\(outer)/away") },
        { rename("\(outer)/away", "\(share)/folder") }
      ),
      (
        "folder/within.txt",
        {
          rename("\(share)/folder", "\(outer)/away")
          symlink("\(outer)/away", "\(share)/folder")
        },
        {
          unlink("\(share)/folder")
          rename("\(outer)/away", "\(share)/folder")
        }
      ),
      (
        "kept/by/list.txt", { try setfacl(["-b", "\(share)/kept"]) }, { try daemon.acl("user:\(user.name):x", "kept") }
      ),
    ]
    for (number, way) in ways.enumerated() {
      let path = "\(share)/\(way.file)"
      let word = try String(contentsOfFile: path, encoding: .utf8)
      #expect(try Self.views(session, path, word) == Self.all, "before way \(number), \(way.file)")
      try way.take()
      // The kernel follows links, and the daemon none.
      let isLinked = (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(share)/folder")) != nil
      #expect(try isLinked || user.readable(of: [path]).isEmpty, "way \(number) takes nothing away")
      #expect(try Self.views(session, path, word) == [], "way \(number), \(way.file)")
      try way.give()
      try daemon.sync()
      #expect(try Self.views(session, path, word) == Self.all, "after way \(number), \(way.file)")
    }
    // Groups are those of the connection, as they are of a process: the next one has others.
    let path = "\(share)/teams.txt"
    try user.leave(team)
    session = try UserSession(user, socket: daemon.socket)
    #expect(try Self.views(session, path, "swans") == [])
    try user.join(team)
    session = try UserSession(user, socket: daemon.socket)
    #expect(try Self.views(session, path, "swans") == Self.all)
    // What is given counts once the index has heard of it.
    try daemon.fill("later.txt", 0o600, about: "cranes")
    try daemon.sync()
    #expect(try Self.views(session, "\(share)/later.txt", "cranes") == [])
    #expect(try session.call(.indexStatus, IndexStatusParameters()).shares[0].files?.indexed == 6)
    try daemon.mode(0o644, "later.txt")
    try daemon.sync()
    #expect(try Self.views(session, "\(share)/later.txt", "cranes") == Self.all)
    #expect(try session.call(.indexStatus, IndexStatusParameters()).shares[0].files?.indexed == 7)
    try daemon.mode(0o700, "folder")
    try daemon.sync()
    #expect(try session.call(.indexStatus, IndexStatusParameters()).shares[0].files?.indexed == 6)
    #expect(daemon.stop() == 0)
  }

  // MARK: Texts that were taken out before a file was opened

  private static let secret = "The zqsecret merger with the harbour company will be announced by the directors in May."
  private static let notice = "The canteen is closed on Friday. Soup is served on all other days at noon as usual."

  /// Nothing that the user is told may come from the secret text, whatever they ask.
  private func expectNoSecret(_ session: UserSession, _ place: String) throws {
    for mode in [SearchMode.hybrid, .semantic, .keyword] {
      let reply = try session.ask(
        "search", ["query": .string(Self.secret), "mode": .string(mode.rawValue), "limit": 100])
      #expect(!reply.text.contains("zqsecret") && !reply.text.contains("merger"), "\(place), \(mode): \(reply.text)")
    }
    let similar = try session.ask("similar", ["text": .string(Self.secret), "limit": 100])
    #expect(!similar.text.contains("merger"), "\(place): \(similar.text)")
  }

  @Test(
    "a file is opened to others after its secret was taken out: the index holds the old text and shows nobody",
    arguments: ["file mode", "file ACL", "folder mode", "moved", "folder moved", "above the share"])
  func takenOut(way: String) throws {
    let outer = "/tmp/fumikura-outer-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(atPath: "\(outer)/share", withIntermediateDirectories: true)
    defer { _ = try? FileManager.default.removeItem(atPath: outer) }  // /tmp's to clean otherwise
    let daemon = try TestDaemon(share: "\(outer)/share", settleMilliseconds: 30_000, extra: Self.patient)
    let user = try TestUser()
    let share = daemon.share
    try daemon.write(Self.secret, to: "closed/within/paper.txt")
    try daemon.fill("open/other.txt", 0o644, about: "the weather")
    let ofFile = way.hasPrefix("file")
    try daemon.mode(ofFile ? 0o600 : 0o644, "closed/within/paper.txt")
    try daemon.mode(ofFile || way == "above the share" ? 0o755 : 0o700, "closed")
    if way == "above the share" { chmod(outer, 0o700) }
    try daemon.start()
    try daemon.sync()
    let session = try UserSession(user, socket: daemon.socket)
    #expect(try daemon.search("merger").first?.snippet.text.contains("zqsecret") == true)
    // The secret goes, then the file is opened.
    try daemon.write(Self.notice, to: "closed/within/paper.txt")
    var path = "\(share)/closed/within/paper.txt"
    switch way {
    case "file mode": try daemon.mode(0o644, "closed/within/paper.txt")
    case "file ACL": try daemon.acl("user:\(user.name):r", "closed/within/paper.txt")
    case "folder mode": try daemon.mode(0o755, "closed")
    case "moved":
      rename(path, "\(share)/open/paper.txt")
      path = "\(share)/open/paper.txt"
    case "folder moved":
      rename("\(share)/closed/within", "\(share)/open/within")
      path = "\(share)/open/within/paper.txt"
    default: chmod(outer, 0o755)
    }
    #expect(try user.readable(of: [path]) == [path])
    try expectNoSecret(session, "\(way), before the index looked")
    // An old text is shown to those who could read it when it was in force, and marked.
    #expect(try daemon.search("merger").first?.isStale == true || path != "\(share)/closed/within/paper.txt")
    try daemon.sync()
    try expectNoSecret(session, "\(way), after the index looked")
    #expect(try session.search("soup").first?.path.description == path)
    #expect(daemon.stop() == 0)
  }

  @Test("while a long file is read anew, nobody is shown its old text under its new rights")
  func whileItIsRead() throws {
    let daemon = try TestDaemon()
    let user = try TestUser()
    try daemon.write(Self.secret, to: "paper.txt")
    try daemon.mode(0o600, "paper.txt")
    try daemon.fill("open/other.txt", 0o644, about: "the weather")
    try daemon.start()
    try daemon.sync()
    let session = try UserSession(user, socket: daemon.socket)
    // Some seconds of encoding.
    let lines = (0..<250).map {
      "Paragraph \($0) of the notice speaks of soup, of bread number \($0 * 7) and of the long table. "
    }
    try daemon.write(lines.joined(separator: "\n\n"), to: "paper.txt")
    try daemon.mode(0o644, "paper.txt")
    let waiting = Thread { [socket = daemon.socket] in
      // Whether it is done is asked below.
      _ = try? Shell.run(try! TestDaemon.program("fumi"), ["sync", "--socket", socket], mayFail: true)
    }
    waiting.start()
    var asked = 0
    while try session.search("bread").first?.path.description != "\(daemon.share)/paper.txt" {
      try expectNoSecret(session, "query \(asked)")
      asked += 1
    }
    print("\(asked) rounds of queries while the file was read anew")
    #expect(asked > 0)
    try expectNoSecret(session, "at the end")
    #expect(daemon.stop() == 0)
  }

  @Test("those who could read the old text see it, marked, until the new one is read")
  func stale() throws {
    let daemon = try TestDaemon(settleMilliseconds: 30_000, extra: Self.patient)
    let user = try TestUser()
    try daemon.fill("open/other.txt", 0o644, about: "the weather")
    try daemon.start()
    try daemon.sync()
    // A folder that the index comes to know while it runs.
    try daemon.write(Self.secret, to: "new/folder/paper.txt")
    try daemon.sync()
    let session = try UserSession(user, socket: daemon.socket)
    #expect(try session.search("merger").first?.isStale == false)
    try daemon.write(Self.notice, to: "new/folder/paper.txt")
    let old = try #require(try session.search("merger").first)
    #expect(old.isStale && old.snippet.text.contains("zqsecret"))
    // Also where an editor put another file in its place.
    try Self.notice.write(toFile: "\(daemon.share)/new/folder/paper.txt", atomically: true, encoding: .utf8)
    #expect(try session.search("merger").first?.isStale == true)
    try daemon.sync()
    let new = try #require(try session.search("soup").first)
    #expect(!new.isStale && new.snippet.text.contains("Soup"))
    #expect(daemon.stop() == 0)
  }
}
