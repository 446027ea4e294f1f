import Foundation
import FumikuraClient
import FumikuraProtocol
import Glibc
import PassageStore
import SystemPackage
import Testing

@Suite("Whatever happens to the files, the index follows", .serialized)
struct WatchingTests {
  @Test(
    "random operations in rounds, some of them unseen: each sync shows the share as it is, and so does a fresh crawl")
  func randomOperations() throws {
    let daemon = try TestDaemon()
    let share = LivingShare(daemon.share, random: .announced("random operations"))
    share.fill(files: 12)
    try daemon.start()
    for round in 1...(SeededRandom.isLong ? 60 : 10) {
      share.change(25)
      if round % 3 == 0 {
        // What happens from now until it runs again comes as no event.
        let watcher = try #require(daemon.child(running: "fumikura-watch"))
        let epoch = try #require(try daemon.status().shares.first).epoch
        kill(watcher, SIGKILL)
        share.change(4)
        try daemon.sync()
        #expect(try #require(try daemon.status().shares.first).epoch > epoch, "round \(round)")
      } else if round % 3 == 1 {
        // The same while it is at work.
        let socket = daemon.socket
        let done = DispatchSemaphore(value: 0)
        DispatchQueue.global().async {
          // What goes wrong goes wrong in the next call too, which is checked.
          for _ in 0..<3 { _ = try? Client(socket: socket).call(.sync, SyncParameters(timeoutMilliseconds: 60_000)) }
          done.signal()
        }
        for _ in 0..<10 {
          share.perform(.makeTree)
          share.change(8)
        }
        done.wait()
      }
      try daemon.sync()
      try share.expectIsIndexed(by: daemon, "round \(round)")
    }
    try daemon.expectIndexOfFreshCrawl()
  }

  @Test("each operation by itself, then its sync", arguments: [false, true])
  func eachOperation(isUnseen: Bool) throws {
    let daemon = try TestDaemon()
    let share = LivingShare(daemon.share, random: .announced("each operation"))
    share.fill(files: 10)
    try daemon.start()
    try daemon.sync()
    for operation in LivingShare.Operation.allCases {
      share.perform(.makeTree)
      // `unhide` needs something hidden.
      if operation == .unhide { share.perform(.hide) }
      // And this one something that it made before.
      if operation == .otherEnding { share.perform(.otherEnding) }
      try daemon.sync()
      if isUnseen { #expect(daemon.stop() == 0) }
      share.perform(operation)
      if isUnseen { try daemon.start() }
      try daemon.sync()
      try share.expectIsIndexed(by: daemon, "after \(operation)")
    }
    try daemon.expectIndexOfFreshCrawl()
  }

  @Test("more events than the kernel keeps: the share is compared, and what was lost is found")
  func overflow() throws {
    let daemon = try TestDaemon()
    let share = LivingShare(daemon.share, random: .announced("overflow"))
    share.fill(files: 3)
    try daemon.start()
    try daemon.sync()
    let epoch = try #require(try daemon.status().shares.first).epoch
    let limit = try #require(
      Int(
        try String(contentsOfFile: "/proc/sys/fs/inotify/max_queued_events", encoding: .utf8)
          .trimmingCharacters(in: .whitespacesAndNewlines)))
    let watcher = try #require(daemon.child(running: "fumikura-watch"))
    kill(watcher, SIGSTOP)
    // In turn: the kernel makes one of two equal events that follow each other.
    for name in ["one.txt", "two.txt"] { try daemon.write("\(name) is touched again and again.", to: name) }
    let paths = ["one.txt", "two.txt"].map { Array("\(daemon.share)/\($0)".utf8) }
    for turn in 0..<(limit + 100) { ByteFiles.setTimes(paths[turn % 2], modified: timespec(tv_sec: turn, tv_nsec: 0)) }
    share.change(10)
    kill(watcher, SIGCONT)
    try daemon.sync()
    try share.expectIsIndexed(by: daemon, "after an overflow")
    #expect(try #require(try daemon.status().shares.first).epoch > epoch)
    try daemon.expectIndexOfFreshCrawl()
  }

  @Test("a directory swapped for a link to a secret place, again and again: nothing of the secret is found or listed")
  func swappedForALink() throws {
    let daemon = try TestDaemon()
    let secret = "\(daemon.folder)/secret"
    try FileManager.default.createDirectory(atPath: secret, withIntermediateDirectories: true)
    let names = (0..<6).map { "letter-\($0).txt" }
    for name in names {
      try "The merger with Oldcastle is called \(LivingShare.secretWord) and costs nine hundred million."
        .write(toFile: "\(secret)/\(name)", atomically: false, encoding: .utf8)
      try daemon.write("The choir rehearses on Thursdays in the town hall, says \(name).", to: "letters/\(name)")
    }
    // By the names that the watcher ignores, as whoever means it would.
    #expect(symlink(secret, "\(daemon.share)/.link") == 0)
    try daemon.start()
    try daemon.sync()
    func expectNothing(_ when: String) throws {
      for mode in [SearchMode.keyword, .semantic, .hybrid] {
        for query in [LivingShare.secretWord, "the merger with Oldcastle"] {
          let hits = try daemon.search(query, limit: 50, mode: mode)
          #expect(!hits.contains { $0.snippet.text.contains("Oldcastle") }, "\(when), \(mode)")
        }
      }
      #expect(try !daemon.files().contains { $0.path.description.contains("secret") }, "\(when)")
    }
    func swap(_ from: String, _ to: String) {
      #expect(rename("\(daemon.share)/\(from)", "\(daemon.share)/\(to)") == 0)
    }
    for turn in 0..<40 {
      swap("letters", ".kept")
      swap(".link", "letters")
      if turn % 10 == 0 {
        try daemon.sync()
        try expectNothing("turn \(turn)")
      }
      swap("letters", ".link")
      swap(".kept", "letters")
      try daemon.write(
        "The choir's rehearsal number \(turn) is in the school.", to: "letters/\(names[turn % names.count])")
    }
    swap("letters", ".kept")
    swap(".link", "letters")
    try daemon.sync()
    try expectNothing("at the end")
    try daemon.start(again: true)
    try daemon.sync()
    try expectNothing("after another start")
    #expect(daemon.stop() == 0)
    #expect(try !daemon.snapshot().contains { $0.contains("Oldcastle") || $0.contains("passage") })
  }

  @Test("a reader that hangs is killed at its deadline, and another reads the file")
  func stuckReader() throws {
    let daemon = try TestDaemon(extra: "[extract]\ndeadline_s = 2\nworkers = 1")
    try daemon.write("The lighthouse keeper counts the ships.", to: "a.txt")
    try daemon.start()
    try daemon.sync()
    // As one that hangs in the middle of a file: it misses its deadline, is killed, and another reads the file.
    kill(try #require(daemon.child(running: "fumikura-extract")), SIGSTOP)
    try daemon.write("The gardener prunes the roses in March.", to: "b.txt")
    try daemon.sync()
    #expect(try daemon.search("cutting back flowers").first?.path.description == "\(daemon.share)/b.txt")
    #expect(daemon.stop() == 0)
  }

  @Test("documents made to break readers: each ends in a named state, and the rest is indexed")
  func hostileDocuments() throws {
    let tools = URL(
      fileURLWithPath: ProcessInfo.processInfo.environment["FUMIKURA_SHARED"] ?? "\(TestDaemon.repository)/../shared"
    )
    .appending(path: "tools").standardizedFileURL.path
    guard access("\(tools)/make_hostile_share.py", R_OK) == 0 else {
      print("skipped: the hostile documents, as \(tools) is not there")
      #expect(ProcessInfo.processInfo.environment["CI"] == nil, "CI must not skip the hostile documents")
      return
    }
    let daemon = try TestDaemon(extra: "[extract]\nworkers = 2\ndeadline_s = 2\nmemory_mb = 256")
    let maker = Process()
    maker.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    maker.arguments = [
      "python3", "-c",
      """
      import os, shutil, sys
      sys.path.insert(0, sys.argv[1]); sys.dont_write_bytecode = True
      import make_hostile_share as made
      made.ROOT = os.fsencode(sys.argv[2])
      made.pdfs()
      made.markup()
      # Tens of thousands of passages: their reader has tests of its own.
      shutil.rmtree(os.path.join(sys.argv[2], 'deep'))
      """, tools, daemon.share,
    ]
    try maker.run()
    maker.waitUntilExit()
    #expect(maker.terminationStatus == 0)
    try daemon.write("The ferry to the island leaves at noon.", to: "zzz-good.txt")
    try daemon.start()
    try daemon.sync()
    let files = try daemon.files()
    #expect(files.count > 20)
    for file in files {
      #expect(file.state != .waiting, "\(file.path)")
      #expect(file.state == .indexed || file.reason?.isEmpty == false, "\(file.path) is \(file.state)")
    }
    let states = Dictionary(grouping: files, by: \.state).mapValues(\.count)
    #expect(states[.failed, default: 0] + states[.quarantined, default: 0] > 0, "\(states)")
    #expect(try daemon.search("when does the boat sail").first?.path.description == "\(daemon.share)/zzz-good.txt")
    try daemon.write("The last bus to the harbour leaves at ten.", to: "after.txt")
    try daemon.sync()
    #expect(try daemon.search("public transport in the evening").first?.path.description == "\(daemon.share)/after.txt")
    #expect(daemon.stop() == 0)
  }

  @Test("a second daemon on the same state directory ends with an error that names the first, which goes on")
  func twoDaemons() throws {
    let daemon = try TestDaemon()
    try daemon.write("The bakery opens at six in the morning.", to: "bakery.txt")
    try daemon.start()
    try daemon.sync()
    let first = try #require(daemon.process).processIdentifier
    let second = Process()
    second.executableURL = URL(fileURLWithPath: try TestDaemon.program("fumikurad"))
    second.arguments = ["--config", daemon.configurationFile]
    let complaint = Pipe()
    second.standardError = complaint
    second.standardInput = FileHandle.nullDevice
    try second.run()
    let text = String(decoding: complaint.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    second.waitUntilExit()
    #expect(second.terminationReason == .exit && second.terminationStatus != 0)
    #expect(text.contains("in use by process \(first)") && text.contains(daemon.state), "it said: \(text)")
    try daemon.write("The butcher closes on Mondays.", to: "butcher.txt")
    try daemon.sync()
    #expect(try daemon.search("buying meat").first?.path.description == "\(daemon.share)/butcher.txt")
    #expect(daemon.stop() == 0)
  }

  @Test("a full disk: files wait and health says why; with room again all are indexed")
  func fullDisk() throws {
    guard geteuid() == 0 else {
      print("skipped: a full disk, as only root may mount one")
      return
    }
    let daemon = try TestDaemon()
    try Self.mount(["-t", "tmpfs", "-o", "size=2m,mode=0700", "tmpfs", daemon.state])
    defer {
      daemon.kill()
      umount2(daemon.state, CInt(MNT_DETACH))
    }
    let share = LivingShare(daemon.share, random: .announced("full disk"))
    share.fill(files: 60)
    try daemon.start()
    // It cannot come to an end: the call gives up.
    #expect(throws: ClientError.self) { try daemon.sync(milliseconds: 8_000) }
    let health = try daemon.client().call(.health, HealthParameters())
    #expect(health.status == .degraded)
    #expect(health.warnings.contains { $0.message.contains("no space is left") }, "\(health.warnings.map(\.message))")
    #expect(try daemon.status().pending ?? 0 > 0)
    // Also what happens now must not be forgotten.
    share.change(10)
    share.perform(.makeTree)
    #expect(throws: ClientError.self) { try daemon.sync(milliseconds: 1_000) }
    try Self.mount(["-o", "remount,size=64m", daemon.state])
    try daemon.sync()
    try share.expectIsIndexed(by: daemon, "with room again")
    #expect(try daemon.client().call(.health, HealthParameters()).status == .ok)
    try daemon.expectIndexOfFreshCrawl()
  }

  private static func mount(_ arguments: [String]) throws {
    let mount = Process()
    mount.executableURL = URL(fileURLWithPath: "/bin/mount")
    mount.arguments = arguments
    try mount.run()
    mount.waitUntilExit()
    #expect(mount.terminationStatus == 0, "mount \(arguments)")
  }
}

extension TestDaemon {
  /// Stops the daemon and starts it again.
  fileprivate func start(again: Bool) throws {
    #expect(stop() == 0)
    try start()
  }
}
