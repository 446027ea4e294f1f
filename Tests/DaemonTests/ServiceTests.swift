import Foundation
import FumikuraClient
import FumikuraProtocol
import Glibc
import Testing

@Suite("The daemon as a service", .serialized)
struct ServiceTests {
  // MARK: What the manager hears

  @Test("readiness and status are told, the watchdog is fed, a reload and the end are announced")
  func notifications() throws {
    let daemon = try TestDaemon()
    let manager = try NotifySocket(path: "\(daemon.folder)/manager.sock")
    try daemon.launch(environment: ["NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": "300000"])
    let process = try #require(daemon.process)
    try manager.wait(for: "STATUS=Watching 1 shares", seconds: 60, while: process)
    try manager.wait(for: "READY=1", seconds: 10, while: process)
    for _ in 0..<3 { try manager.wait(for: "WATCHDOG=1", seconds: 10, while: process) }
    kill(process.processIdentifier, SIGHUP)
    let reloading = try manager.wait(for: "RELOADING=1", seconds: 10, while: process)
    #expect(reloading.contains("MONOTONIC_USEC="))
    try manager.wait(for: "READY=1", seconds: 10, while: process)
    kill(process.processIdentifier, SIGTERM)
    try manager.wait(for: "STOPPING=1", seconds: 10, while: process)
    #expect(daemon.waitForEnd() == 0)
    #expect(access(daemon.socket, F_OK) != 0, "the socket is taken away at the end")
  }

  @Test(
    "a daemon that cannot begin says why, and which line of the configuration is wrong",
    arguments: [
      ("settle_ms = 20", "settle_ms = \"soon\"", "watch.settle_ms is \"soon\""),
      ("settle_ms = 20", "setle_ms = 20", "did you mean watch.settle_ms?"), ("[watch]", "[watch", "not TOML"),
    ])
  func refused(old: String, new: String, words: String) throws {
    let daemon = try TestDaemon()
    let line = try daemon.line(of: old)
    try daemon.edit { $0.replacingOccurrences(of: old, with: new) }
    let outcome = try Shell.run(
      try TestDaemon.program("fumikurad"), ["--config", daemon.configurationFile], mayFail: true)
    #expect(outcome.status == 78, "EX_CONFIG: the manager does not try again")
    #expect(outcome.output == "")
    #expect(
      outcome.errors.contains("fumikura.toml:\(line): ") && outcome.errors.contains(words), "\(outcome.errors)")
  }

  // MARK: The end

  @Test("SIGTERM ends it within five seconds, though searches are in flight and a long file is being indexed")
  func termination() throws {
    let daemon = try TestDaemon()
    let lines = (0..<3000).map { "Section \($0) of the register names the house number \($0 * 3) and who lives there." }
    for part in 0..<5 {
      try daemon.write(lines.joined(separator: " Part \(part).\n\n"), to: "register \(part).txt")
    }
    try daemon.start()
    let clients = try (0..<8).map { _ in try daemon.client() }
    let request: JSON = ["jsonrpc": "2.0", "id": 1, "method": "search", "params": ["query": "who lives there"]]
    for client in clients { for _ in 0..<30 { try client.send(line: request.encoded) } }
    // One answer says that the others are under way.
    _ = try clients[0].receiveLine()
    let start = ContinuousClock.now
    #expect(daemon.stop() == 0)
    let took = ContinuousClock.now - start
    print("SIGTERM under load: ended after \(took)")
    #expect(took < .seconds(7), "five seconds are for the calls in flight, and the rest is a busy machine's")
    // What was asked before was answered, or the connection closed: nobody is left waiting.
    for client in clients {
      #expect(throws: ClientError.self) { for _ in 0..<31 { _ = try client.receiveLine() } }
    }
    try daemon.start()
    #expect(daemon.stop() == 0)
  }

  // MARK: The socket

  @Test("a socket left by a killed daemon is replaced, a living daemon's is not")
  func staleSocket() throws {
    let daemon = try TestDaemon()
    try daemon.start()
    daemon.kill()
    #expect(access(daemon.socket, F_OK) == 0)
    try daemon.start()
    let other = try TestDaemon()
    try other.edit { $0.replacingOccurrences(of: other.socket, with: daemon.socket) }
    let outcome = try Shell.run(
      try TestDaemon.program("fumikurad"), ["--config", other.configurationFile], mayFail: true)
    #expect(outcome.status == 1 && outcome.errors.contains("another daemon answers on \(daemon.socket)"))
    // Nor is the same state taken by two.
    try other.edit { _ in
      try! String(contentsOfFile: daemon.configurationFile, encoding: .utf8)
        .replacingOccurrences(of: daemon.socket, with: other.socket)
    }
    let second = try Shell.run(
      try TestDaemon.program("fumikurad"), ["--config", other.configurationFile], mayFail: true)
    #expect(second.status == 1, "\(second.errors)")
    #expect(try daemon.client().call(.health, HealthParameters()).isReady)
    #expect(daemon.stop() == 0)
  }

  @Test("a socket that is passed is served as it is: clients that came before the daemon are answered")
  func activation() throws {
    let daemon = try TestDaemon()
    try daemon.fill("paper.txt", 0o644, about: "the harbour")
    let passed = "\(daemon.folder)/passed.sock"
    // Listens, tells that it does, and becomes the daemon only once a client is there.
    let launcher = """
      use IO::Socket::UNIX; use POSIX ();
      $^F = 100;
      my $socket = IO::Socket::UNIX->new(Local => $ARGV[0], Listen => 16) or die "listen: $!";
      chmod(0640, $ARGV[0]) or die "chmod: $!";
      my $name = shift;
      POSIX::dup2(fileno($socket), 3) unless fileno($socket) == 3;
      open(my $told, ">", "$name.told"); close $told;
      my $readable = ''; vec($readable, 3, 1) = 1;
      select($readable, undef, undef, 60);
      $ENV{LISTEN_FDS} = 1; $ENV{LISTEN_PID} = $$;
      exec @ARGV or die "exec: $!";
      """
    mkfifo("\(passed).told", 0o600)
    try daemon.launch(by: ["/usr/bin/perl", "-e", launcher, passed])
    // Opens once the launcher opens it to write.
    close(open("\(passed).told", O_RDONLY))
    let start = ContinuousClock.now
    let early = try Client(socket: passed, patience: .seconds(60))
    let health = try early.call(.health, HealthParameters())
    print("health answered \(ContinuousClock.now - start) after exec, ready: \(health.isReady)")
    _ = try early.call(.sync, SyncParameters(timeoutMilliseconds: 60_000))
    #expect(try early.call(.search, SearchParameters(query: "harbour")).hits.count == 1)
    var status = stat()
    #expect(stat(passed, &status) == 0 && status.st_mode & 0o777 == 0o640, "its mode is whoever's made it")
    #expect(access(daemon.socket, F_OK) != 0, "the configured one is not made")
    #expect(daemon.stop() == 0)
    #expect(access(passed, F_OK) == 0, "it is not the daemon's to remove")
  }

  @Test(
    "systemd's own activation",
    .enabled(if: access("/usr/bin/systemd-socket-activate", X_OK) == 0, "systemd-socket-activate is not installed"))
  func systemdActivation() throws {
    let daemon = try TestDaemon()
    let passed = "\(daemon.folder)/passed.sock"
    let manager = try NotifySocket(path: "\(daemon.folder)/manager.sock")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/systemd-socket-activate")
    process.arguments = [
      "--listen=\(passed)", "--setenv=NOTIFY_SOCKET=\(manager.path)", try TestDaemon.program("fumikurad"), "--config",
      daemon.configurationFile,
    ]
    // It says on standard error that it listens.
    let words = Pipe()
    process.standardError = words
    try process.run()
    defer { process.waitUntilExit() }
    var said = ""
    while !said.contains("Listening on") {
      let more = words.fileHandleForReading.availableData
      if more.isEmpty { break }
      said += String(decoding: more, as: UTF8.self)
    }
    let client = try Client(socket: passed, patience: .seconds(60))
    #expect(try client.call(.shareList, ShareListParameters()).shares.count == 1)
    try manager.wait(for: "READY=1", seconds: 60, while: process)
    kill(process.processIdentifier, SIGTERM)
  }

  @Test("a group's socket lets its members connect and nobody else", .enabled(if: isRoot, "needs root, to make users"))
  func socketGroup() throws {
    let daemon = try TestDaemon()
    let (member, stranger, group) = (try TestUser(), try TestUser(), try TestGroup())
    try member.join(group)
    try daemon.edit { $0.replacingOccurrences(of: "[daemon]\n", with: "[daemon]\nsocket_group = \"\(group.name)\"\n") }
    try daemon.start()
    #expect(try UserSession(member, socket: daemon.socket).call(.health, HealthParameters()).isReady)
    #expect(throws: TestDaemon.Missing.self) { try UserSession(stranger, socket: daemon.socket) }
    #expect(daemon.stop() == 0)
  }

  @Test("it runs as an ordinary user on folders of their own", .enabled(if: isRoot, "runs as one anyway"))
  func ordinaryUser() throws {
    let daemon = try TestDaemon()
    let user = try TestUser()
    try daemon.fill("paper.txt", 0o600, about: "the harbour")
    try daemon.fill("roots.txt", 0o600, about: "the mountains")
    try Shell.run("/usr/bin/chown", ["-R", "\(user.name):", daemon.folder])
    #expect(chown("\(daemon.share)/roots.txt", 0, 0) == 0)
    // Programs and model may lie where only root comes.
    let needed = [try TestDaemon.program("fumikurad"), try TestDaemon.model()]
    guard try user.readable(of: needed) == Set(needed) else {
      print("skipped: \(needed) cannot be read by an ordinary user here")
      return
    }
    let manager = try NotifySocket(path: "\(daemon.folder)/manager.sock")
    chmod(manager.path, 0o666)
    try daemon.launch(environment: ["NOTIFY_SOCKET": manager.path], by: user.prefix)
    try manager.wait(for: "READY=1", seconds: 60, while: try #require(daemon.process))
    let session = try UserSession(user, socket: daemon.socket)
    _ = try session.call(.sync, SyncParameters(timeoutMilliseconds: 60_000))
    #expect(try session.search("harbour").first?.path.description == "\(daemon.share)/paper.txt")
    #expect(try session.search("mountains").allSatisfy { !$0.path.description.hasSuffix("roots.txt") })
    let why = try daemon.client().call(.indexWhy, IndexWhyParameters(path: WirePath("\(daemon.share)/roots.txt")))
    #expect(why.state == .skipped && why.reason == "unreadable", "\(why)")
    #expect(daemon.stop() == 0)
  }

  // MARK: Reload

  @Test("a reload takes over shares and ignore patterns; a broken file changes nothing and is told by its line")
  func reload() throws {
    let daemon = try TestDaemon()
    try daemon.fill("paper.txt", 0o644, about: "the harbour")
    try daemon.fill("drafts/draft.txt", 0o644, about: "the mountains")
    let second = "\(daemon.folder)/second"
    mkdir(second, 0o755)
    try daemon.text(about: "the desert", "dunes").write(
      toFile: "\(second)/dunes.txt", atomically: false, encoding: .utf8)
    try daemon.start()
    try daemon.sync()
    let client = try daemon.client()
    let first = try String(contentsOfFile: daemon.configurationFile, encoding: .utf8)
    func files() throws -> [String] {
      try daemon.sync()
      return try daemon.files().map { ($0.path.description as NSString).lastPathComponent }.sorted()
    }
    func reload() throws -> ConfigReloadReply { try client.call(.configReload, ConfigReloadParameters()) }
    #expect(try files() == ["draft.txt", "paper.txt"])
    #expect(try reload().changed.isEmpty)

    let twoShares = first + "\n[[share]]\nname = \"second\"\npath = \"\(second)\"\n"
    try daemon.writeConfiguration(twoShares)
    #expect(try reload().changed == ["share"])
    #expect(try files() == ["draft.txt", "dunes.txt", "paper.txt"])
    #expect(try client.call(.shareList, ShareListParameters()).shares.map(\.name) == ["documents", "second"])
    // The new share is watched, and the old one still.
    try daemon.text(about: "the oasis", "palms").write(
      toFile: "\(second)/palms.txt", atomically: false, encoding: .utf8)
    try daemon.fill("later.txt", 0o644, about: "the sea")
    #expect(try files() == ["draft.txt", "dunes.txt", "later.txt", "palms.txt", "paper.txt"])

    for (text, words) in [
      (twoShares + "\nbroken", "fumikura.toml:"),
      (
        twoShares.replacingOccurrences(of: "settle_ms = 20", with: "settle_ms = -1"),
        "fumikura.toml:\(try daemon.line(of: "settle_ms")): watch.settle_ms"
      ),
      (twoShares.replacingOccurrences(of: "path = \"\(second)\"", with: "path = \"\(daemon.share)/drafts\""), "inside"),
      (
        twoShares.replacingOccurrences(of: "path = \"\(second)\"", with: "path = \"\(daemon.state)\""),
        "state_directory"
      ),
      (twoShares + "ignore = [\"[\"]\n", "ignore"),
    ] {
      try daemon.writeConfiguration(text)
      let answer = Result { try reload() }
      guard case .failure(ClientError.service(let error)) = answer else {
        // What some version can read is no broken file.
        #expect(words == "ignore", "\(words): \(answer)")
        continue
      }
      #expect(error.kind == "invalid_configuration" && error.message.contains(words), "\(error.message)")
      #expect(try files() == ["draft.txt", "dunes.txt", "later.txt", "palms.txt", "paper.txt"], "\(words)")
    }

    try daemon.writeConfiguration(
      twoShares.replacingOccurrences(
        of: "path = \"\(daemon.share)\"", with: "path = \"\(daemon.share)\"\nignore = [\"drafts/\"]"))
    #expect(try reload().changed == ["share"])
    #expect(try files() == ["dunes.txt", "later.txt", "palms.txt", "paper.txt"])
    #expect(try daemon.search("mountains").allSatisfy { !$0.path.description.contains("draft") })

    try daemon.writeConfiguration(first)
    #expect(try reload().changed == ["share"])
    #expect(try files() == ["draft.txt", "later.txt", "paper.txt"])
    #expect(try daemon.search("desert").allSatisfy { $0.share == "documents" })
    #expect(try daemon.status().pending == 0)
    try daemon.edit {
      $0.replacingOccurrences(of: "settle_ms = 20", with: "settle_ms = 30") + "\n[extract]\nworkers = 2\n"
    }
    let reply = try reload()
    #expect(reply.changed == ["watch"] && reply.needsRestart == ["extract"])
    try daemon.fill("last.txt", 0o644, about: "the moon")
    #expect(try files() == ["draft.txt", "last.txt", "later.txt", "paper.txt"])
    #expect(daemon.stop() == 0)
  }
}
