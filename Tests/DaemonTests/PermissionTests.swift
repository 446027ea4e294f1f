import Foundation
import FumikuraClient
import FumikuraProtocol
import Glibc
import Testing

/// Whether the tests may make users.
let isRoot = getuid() == 0

@Suite("Permission tests are run")
struct PermissionTestsAreRun {
  @Test("where CI is set, they are not skipped")
  func notSkipped() {
    guard ProcessInfo.processInfo.environment["CI"] != nil else { return }
    #expect(isRoot, "the tests of who may see what need root, to make users, and CI must not skip them")
  }
}

@Suite("Who may see what", .serialized, .enabled(if: isRoot, "needs root, to make users"))
struct PermissionTests {
  // MARK: Every method

  /// A share in which every file has a word of its own in its name and its text.
  private struct Library {
    let daemon: TestDaemon
    let one: TestUser
    let two: TestUser
    let team: TestGroup

    init() throws {
      daemon = try TestDaemon()
      one = try TestUser()
      two = try TestUser()
      team = try TestGroup()
      try two.join(team)
      try daemon.fill("zqpublic.txt", 0o644, about: "the opening hours of the library")
      try daemon.fill("zqalpha.txt", 0o600, about: "the salaries of the directors")
      try daemon.fill("zqvault/zqbravo.txt", 0o644, about: "the plan to close the northern office")
      try daemon.fill("zqcharlie.txt", 0o640, about: "the rota of the night shift")
      try daemon.fill("zqdelta.txt", 0o600, about: "the complaint about the lift")
      try daemon.fill("zqecho.txt", 0o600, about: "the medical leave of a colleague")
      try daemon.fill("deep/open/zqkilo.txt", 0o644, about: "the menu of the canteen")
      try daemon.fill(".zqindia.txt", 0o600, about: "a draft that is hidden")
      try daemon.write("%PDF-1.4 zqfoxtrot is broken", to: "zqfoxtrot.pdf")
      try daemon.write("%PDF-1.4 zqgolf is broken", to: "zqgolf.pdf")
      try daemon.write("\u{7F}ELF\0\0zqhotel", to: "zqhotel.bin")
      try daemon.mode(0o600, "zqfoxtrot.pdf")
      try daemon.mode(0o600, "zqhotel.bin")
      try daemon.mode(0o700, "zqvault")
      guard chown("\(daemon.share)/zqcharlie.txt", 0, team.groupID) == 0 else {
        throw TestDaemon.Missing("chown: errno \(errno)")
      }
      try daemon.acl("user:\(one.name):r", "zqdelta.txt")
      try daemon.acl("user:\(one.name):r,mask::---", "zqecho.txt")
      let closet = "\(daemon.folder)/zqcloset"
      mkdir(closet, 0o755)
      try daemon.text(about: "what is in the closet", "zqlima").write(
        toFile: "\(closet)/zqlima.txt", atomically: false, encoding: .utf8)
      chmod(closet, 0o700)
      try daemon.edit { $0 + "\n[[share]]\nname = \"zqcloset\"\npath = \"\(closet)\"\n" }
      try daemon.start()
      try daemon.sync()
    }

    func path(_ name: String) -> String { "\(daemon.share)/\(name)" }
    static let names = [
      "zqpublic.txt", "zqalpha.txt", "zqvault/zqbravo.txt", "zqcharlie.txt", "zqdelta.txt", "zqecho.txt",
      "deep/open/zqkilo.txt", ".zqindia.txt", "zqfoxtrot.pdf", "zqgolf.pdf", "zqhotel.bin", "zqvault",
    ]
    /// The words of all names, by which a reply gives itself away.
    static let words =
      [
        "zqpublic", "zqalpha", "zqvault", "zqbravo", "zqcharlie", "zqdelta", "zqecho", "zqkilo", "zqindia", "zqfoxtrot",
        "zqgolf", "zqhotel", "zqlima", "zqcloset", "salaries", "northern", "night shift", "complaint", "medical",
      ]
  }

  @Test("two users find just what they may read, by every method and parameter, and are told nothing of the rest")
  func everyMethod() throws {
    let library = try Library()
    let (daemon, root) = (library.daemon, try library.daemon.client())
    let administrators = try daemon.search("zq", limit: 100)
    #expect(administrators.count == 8, "\(administrators.map(\.path))")
    let methods = Set(try root.call(.discover, DiscoverParameters()).methods.map(\.name))
    let visible = [
      ["zqpublic", "zqdelta", "zqkilo", "zqgolf", "complaint"],
      ["zqpublic", "zqcharlie", "zqkilo", "zqgolf", "night shift"],
    ]
    for (user, words) in zip([library.one, library.two], visible) {
      let session = try UserSession(user, socket: daemon.socket)
      let hidden = Library.words.filter { !words.contains($0) }
      var asked: Set<String> = []
      func check(_ method: String, _ parameters: JSON) throws -> JSON {
        asked.insert(method)
        let answer = try session.ask(method, parameters)
        for word in hidden {
          #expect(
            !answer.text.contains(word), "\(user.name): \(method) \(parameters.text) tells of \(word): \(answer.text)")
        }
        return answer
      }

      // What is searched for, however it is asked.
      var found: Set<String> = []
      let queries = administrators.map(\.snippet.text) + ["salaries", "zq", "the of a", "zqalpha zqpublic"]
      for query in queries {
        for mode in ["hybrid", "semantic", "keyword"] {
          for grouping in ["file", "passage"] {
            let answer = try check(
              "search", ["query": .string(query), "mode": .string(mode), "group_by": .string(grouping), "limit": 100])
            found.formUnion(Self.paths(answer))
          }
        }
      }
      let readable = words.filter { $0.hasPrefix("zq") }
      #expect(
        found
          == Set(
            Library.names.filter { name in readable.contains { name.contains($0) } && !name.hasSuffix("pdf") }
              .map(library.path)))
      for glob in [
        "**", "\(daemon.share)/**", "\(daemon.share)/zqvault/*", "\(daemon.share)/zqvault/../*", "/**/zqalpha*",
      ] {
        _ = try check("search", ["query": "directors", "path_glob": .string(glob)])
        _ = try check("similar", ["text": "directors", "path_glob": .string(glob)])
        _ = try check("index.files", ["path_glob": .string(glob)])
      }
      for offset in 0..<5 {
        let answer = try check("search", ["query": "salaries", "offset": .integer(offset), "limit": 1])
        #expect(Self.paths(answer).count == (offset < 3 ? 1 : 0))
      }
      for parameters: JSON in [
        ["query": "salaries", "min_score": -1, "limit": 100], ["query": "salaries", "types": ["text", "pdf"]],
        ["query": "salaries", "modified_after": "2000-01-01T00:00:00Z"], ["query": "a", "shares": ["documents"]],
        ["query": "salaries", "wait_for_sync_ms": 1000],
      ] { _ = try check("search", parameters) }
      for hit in administrators { _ = try check("similar", ["text": .string(hit.snippet.text), "limit": 100]) }

      // Lists and counts.
      for states: JSON in [nil, ["indexed"], ["failed"], ["skipped"], ["waiting"], ["quarantined", "failed"]] {
        for limit in [1, 2, 1000] {
          var cursor = JSON.null
          repeat {
            let answer = try check("index.files", ["states": states, "limit": .integer(limit), "cursor": cursor])
            cursor = answer["result"]?["next_cursor"] ?? .null
          } while cursor != .null
        }
      }
      let files = try session.call(.indexFiles, IndexFilesParameters(limit: 1000)).files
      let failures = try check("index.failures", [:])["result"]?["failures"]?.array ?? []
      #expect(failures.count == 1)
      let status = try session.call(.indexStatus, IndexStatusParameters())
      _ = try check("index.status", [:])
      #expect(status.shares.map(\.name) == ["documents"])
      #expect(status.shares[0].files?.indexed == files.count { $0.state == .indexed })
      #expect(status.shares[0].files?.indexed == 3)
      #expect(status.shares[0].files?.failed == 1 && status.shares[0].files?.skipped == 0)
      #expect(status.shares[0].passages == files.reduce(0) { $0 + $1.passages })
      #expect(status.pending == nil && status.encoder == nil && status.memoryBytes == nil && status.training == nil)
      for method in ["share.list", "projector.list", "health", "sync"] { _ = try check(method, [:]) }
      asked.insert("rpc.discover")
      #expect(try session.ask("config.reload", [:])["error"]?["data"]?["kind"] == "forbidden")
      asked.insert("config.reload")

      // What is there and closed is the same as what is not there.
      let ids = Set(administrators.map(\.passageID)).subtracting(
        try session.search("zq", limit: 100, mode: .semantic).map(\.passageID))
      #expect(ids.count == 5)
      for id in ids {
        let answers = try [id, 987_654].map {
          try session.ask("similar", ["passage_id": .integer($0)]).text
            .replacingOccurrences(of: "passage \($0)\"", with: "passage N")
        }
        #expect(answers[0] == answers[1])
      }
      let closed = Library.names.filter { name in !readable.contains { name.contains($0) } }
      #expect(closed.count == 8)
      for name in closed + ["zqvault/nothing.txt"] {
        for (method, others) in [("index.why", [:]), ("similar", [:]), ("similar", ["limit": 3])]
          as [(String, JSON.Object)]
        {
          let answers = try [library.path(name), library.path("nothing.txt")].map { path in
            var parameters = others
            parameters["path"] = .string(path)
            return try session.ask(method, .object(parameters)).text.replacingOccurrences(of: path, with: "PATH")
          }
          #expect(answers[0] == answers[1], "\(method) of \(name)")
        }
        asked.insert("index.why")
      }
      let outside = try ["\(daemon.folder)/zqcloset/zqlima.txt", "\(daemon.folder)/zqcloset", "/nowhere/at/all"].map {
        path in
        try session.ask("index.why", ["path": .string(path)]).text.replacingOccurrences(of: path, with: "PATH")
      }
      #expect(Set(outside).count == 1, "\(outside)")
      for method in ["index.status", "index.files", "index.failures", "sync", "search", "similar"] {
        let answers = try ["zqcloset", "nosuchshr"].map { name in
          var parameters: JSON.Object = ["shares": [.string(name)]]
          if method == "search" { parameters["query"] = "a" }
          if method == "similar" { parameters["text"] = "a" }
          return try session.ask(method, .object(parameters)).text.replacingOccurrences(of: name, with: "NAME")
        }
        #expect(answers[0] == answers[1] && answers[0].contains("error"), "\(method): \(answers)")
      }
      #expect(asked == methods, "a method is not tested: \(methods.symmetricDifference(asked))")
    }
    #expect(daemon.stop() == 0)
  }

  @Test("members of the admin group see all and may reload; others may not")
  func administrators() throws {
    let daemon = try TestDaemon()
    let (chief, clerk, chiefs) = (try TestUser(), try TestUser(), try TestGroup())
    try chief.join(chiefs)
    try daemon.edit { $0.replacingOccurrences(of: "[daemon]\n", with: "[daemon]\nadmin_group = \"\(chiefs.name)\"\n") }
    try daemon.fill("zqalpha.txt", 0o600, about: "the salaries of the directors")
    try daemon.start()
    try daemon.sync()
    for (user, isAdministrator) in [(chief, true), (clerk, false)] {
      let session = try UserSession(user, socket: daemon.socket)
      let reply = try session.call(.search, SearchParameters(query: "salaries"))
      #expect(reply.hits.count == (isAdministrator ? 1 : 0))
      #expect((reply.hits.first?.keywordScore != nil) == isAdministrator)
      #expect((reply.pending != nil) == isAdministrator)
      let status = try session.call(.indexStatus, IndexStatusParameters())
      #expect(status.shares.first?.files?.indexed == (isAdministrator ? 1 : 0))
      #expect((status.memoryBytes != nil) == isAdministrator && (status.encoder != nil) == isAdministrator)
      #expect((try session.ask("config.reload")["result"] != nil) == isAdministrator)
    }
    // What is on the disk is nobody's but the daemon's.
    let stored = try Shell.run("/usr/bin/find", [daemon.state, "-type", "f"]).output.split(separator: "\n").map(
      String.init)
    #expect(!stored.isEmpty)
    #expect(try clerk.readable(of: stored).isEmpty)
    #expect(daemon.stop() == 0)
  }

  @Test("who may read one file in fifty still gets full pages, in every mode")
  func fullPages() throws {
    let daemon = try TestDaemon()
    let user = try TestUser()
    let subjects = [
      "invoice", "harbour", "garden", "winter", "engine", "museum", "letter", "bridge", "salary", "forest",
    ]
    var readable: Set<String> = []
    for number in 0..<600 {
      // Each text is in sixty files, of which the user may read one or two: the best hits are mostly not theirs.
      let name = "\(number % 20)/note \(number).txt"
      let mine = number % 50 == number / 50 % 50
      try daemon.fill(name, mine ? 0o644 : 0o600, about: "the \(subjects[number / 3 % 10]) of the year")
      if mine { readable.insert("\(daemon.share)/\(name)") }
    }
    #expect(readable.count == 12)
    try daemon.start()
    try daemon.sync()
    let session = try UserSession(user, socket: daemon.socket)
    for mode in [SearchMode.hybrid, .semantic, .keyword] {
      for grouping in [Grouping.file, .passage] {
        func page(_ offset: Int) throws -> [Hit] {
          try session.call(
            .search,
            SearchParameters(query: "the forest of the year", limit: 10, offset: offset, mode: mode, grouping: grouping)
          ).hits
        }
        let (first, second) = (try page(0), try page(10))
        #expect(first.count == 10 && second.count == 2, "\(mode), \(grouping): \(first.count) and \(second.count)")
        #expect(Set((first + second).map(\.path.description)) == readable)
      }
    }
    #expect(try session.call(.similar, SimilarParameters(text: "a forest", limit: 10)).hits.count == 10)
    #expect(Set(try session.files(limit: 5)) == readable)
    #expect(daemon.stop() == 0)
  }

  @Test("what a word weighs is told by one's own files alone: others' words leave no trace in scores")
  func scores() throws {
    let daemon = try TestDaemon()
    let user = try TestUser()
    for number in 0..<8 {
      try daemon.fill("mine \(number).txt", 0o644, about: "matter number \(number) of the zqsecretproject")
    }
    for number in 0..<8 {
      try daemon.fill("more \(number).txt", 0o644, about: "the garden, the winter, and \(number) engines")
    }
    try daemon.start()
    try daemon.sync()
    let session = try UserSession(user, socket: daemon.socket)
    func scores() throws -> [[Double]] {
      try [SearchMode.hybrid, .keyword].flatMap { mode in
        try ["zqsecretproject", "zqsecretproject garden", "engines"].map {
          try session.search($0, mode: mode).map(\.score)
        }
      }
    }
    let before = try scores()
    for number in 0..<30 {
      try daemon.fill(
        "theirs \(number).txt", 0o600, about: "zqsecretproject and \(number) long words of zqsecretproject")
    }
    try daemon.sync()
    #expect(try scores() == before)
    let took = try session.call(.search, SearchParameters(query: "zqsecretproject")).took
    for time in [took.total, took.encode, took.scan, took.keyword, took.rescore, took.snippet] {
      #expect(time.map { $0 == $0.rounded() } ?? true, "times of others than administrators are whole milliseconds")
    }
    #expect(daemon.stop() == 0)
  }

  private static func paths(_ answer: JSON) -> [String] {
    (answer["result"]?["hits"]?.array ?? []).compactMap { $0["path"]?.string }
  }
}
