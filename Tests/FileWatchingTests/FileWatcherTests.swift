import FileWatching
import Foundation
import LinuxSystem
import Synchronization
import SystemPackage
import Testing

@Suite("The watcher, with the real process and a real file system", .serialized)
struct FileWatcherTests {
  @Test("start: a share is rescanned once all its directories are watched, and then it is quiet")
  func start() throws {
    let share = try TemporaryShare()
    for directory in ["a/b/c", "d", ".hidden/e"] { try share.makeDirectory(FilePath(directory)) }
    try share.write("a/b/old", "old")
    let watched = try WatchedShare(share)
    #expect(watched.collector.all() == [rescan("", .start)])
    #expect(watched.status.state == .watching)
    #expect(watched.status.watchedDirectories == 5)
    #expect(watched.status.unwatchedDirectories == 0)
    #expect(try watched.hints() == [])
    try share.write("a/b/c/new", "new")
    #expect(try watched.hints() == [look("a/b/c/new")])
  }

  @Test("a file made, written, touched, deleted: one look for each synchronisation, with what it must prove")
  func files() throws {
    let watched = try WatchedShare()
    let share = watched.share
    _ = watched.collector.all()
    try share.write("f", "one")
    #expect(try watched.hints() == [look("f")])
    try share.write("f", "two", flags: O_APPEND)
    #expect(try watched.hints() == [look("f")])
    try share.changeMode("f", 0o600)
    #expect(try watched.hints() == [look("f", content: false)])
    try share.changeMode("f", 0o640)
    try share.write("f", "three")
    try share.write("g", "four")
    #expect(try watched.hints() == [look("f"), look("g")])
    try share.remove("f")
    #expect(try watched.hints() == [look("f")])
    try share.write(".hidden", "no")
    try share.write("draft~", "no")
    #expect(try watched.hints() == [])
  }

  @Test("links and special files are looked at as any path, and directories behind links are not watched")
  func links() throws {
    let outside = try TemporaryShare()
    try outside.makeDirectory("inner")
    let watched = try WatchedShare()
    _ = watched.collector.all()
    try watched.share.link("way-out", to: outside.path.string)
    try watched.share.makeFIFO("pipe")
    #expect(try watched.hints() == [look("way-out"), look("pipe")])
    try outside.write("inner/secret", "secret")
    #expect(try watched.hints() == [])
    #expect(watched.status.watchedDirectories == 1)
  }

  @Test("a rename is one move, and a look at where it went")
  func renames() throws {
    let watched = try WatchedShare()
    let share = watched.share
    try share.write("a", "text")
    try share.makeDirectory("d")
    _ = try watched.hints()
    try share.rename("a", "d/b")
    #expect(try watched.hints() == [moved("a", "d/b"), look("d/b", content: false)])
    // What was pending goes along.
    try share.write("d/b", "more")
    try share.rename("d/b", "c")
    #expect(try watched.hints() == [moved("d/b", "c"), look("c")])
  }

  @Test("a save by an editor, which writes a temporary file and renames it over the old one, is one look")
  func saves() throws {
    let watched = try WatchedShare()
    let share = watched.share
    try share.write("letter.txt", "old")
    _ = try watched.hints()
    try share.write(".letter.txt.swp", "new")
    try share.rename(".letter.txt.swp", "letter.txt")
    #expect(try watched.hints() == [look("letter.txt")])
    try share.write("letter.new", "newer")
    try share.rename("letter.new", "letter.txt")
    #expect(try watched.hints() == [moved("letter.new", "letter.txt"), look("letter.txt")])
    // vim: the old one goes aside, the new one is written, the old one goes.
    try share.rename("letter.txt", "letter.txt~")
    try share.write("letter.txt", "newest")
    try share.remove("letter.txt~")
    #expect(try watched.hints() == [look("letter.txt")])
  }

  @Test("what moves out of the share is gone, what moves in is new")
  func acrossTheBorder() throws {
    let outside = try TemporaryShare()
    let watched = try WatchedShare()
    let share = watched.share
    try share.write("f", "text")
    try share.makeDirectory("d/e")
    _ = try watched.hints()
    for name in ["f", "d"] { try share.rename(FilePath(name), outside.path.appending(name)) }
    #expect(try watched.hints() == [look("f"), look("d")])
    #expect(watched.status.watchedDirectories == 1)
    try outside.write("d/e/while-away", "text")
    #expect(try watched.hints() == [])
    for name in ["f", "d"] { try share.rename(outside.path.appending(name), FilePath(name)) }
    #expect(try watched.hints() == [rescan("d", .newDirectory), look("f")])
    #expect(watched.status.watchedDirectories == 3)
  }

  @Test("a move out is told after its grace, without a synchronisation")
  func grace() throws {
    let outside = try TemporaryShare()
    let watched = try WatchedShare(settle: .zero, moveGrace: .milliseconds(20))
    try watched.share.write("f", "text")
    _ = try watched.hints()
    try watched.share.rename("f", outside.path.appending("f"))
    #expect(watched.collector.wait { $0 == look("f") } != nil)
  }

  @Test("a new tree is watched first and rescanned then, and everything after that is told")
  func newTrees() throws {
    let watched = try WatchedShare()
    let share = watched.share
    _ = watched.collector.all()
    try share.makeDirectory("a/b/c")
    try share.write("a/b/c/f", "text")
    let hints = try watched.hints()
    #expect(hints.contains(rescan("a", .newDirectory)))
    try share.write("a/b/c/f", "more")
    #expect(try watched.hints() == [look("a/b/c/f")])
    #expect(watched.status.watchedDirectories == 4)
  }

  @Test("a directory that moves keeps its watches, and what happens in it is told under its new path")
  func movedDirectories() throws {
    let watched = try WatchedShare()
    let share = watched.share
    try share.makeDirectory("a/b/c")
    try share.makeDirectory("x")
    _ = try watched.hints()
    try share.write("a/b/f", "pending while it moves")
    try share.rename("a/b", "x/y")
    try share.write("x/y/c/g", "text")
    #expect(
      Set(try watched.hints())
        == [moved("a/b", "x/y", directory: true), rescan("x/y", .moved), look("x/y/f"), look("x/y/c/g")])
    #expect(watched.status.watchedDirectories == 5)
    try share.rename("x", "z")
    try share.write("z/y/c/h", "text")
    try share.makeDirectory("z/y/c/d")
    #expect(
      Set(try watched.hints()) == [
        moved("x", "z", directory: true), rescan("z", .moved), look("z/y/c/h"), rescan("z/y/c/d", .newDirectory),
      ])
  }

  @Test("directories that move again before their events are read are still watched where they ended")
  func chains() throws {
    let watched = try WatchedShare()
    let share = watched.share
    try share.makeDirectory("a/deep")
    try share.makeDirectory("b/deep")
    _ = try watched.hints()
    let process = try #require(watched.watcher.watchProcessID)
    kill(process, SIGSTOP)
    // Exchanged, and one more made under a name that was another's.
    try share.rename("a", "t")
    try share.rename("b", "a")
    try share.rename("t", "b")
    try share.rename("b", "c")
    try share.makeDirectory("b/deep")
    kill(process, SIGCONT)
    _ = try watched.hints()
    #expect(watched.status.watchedDirectories == 7)
    for directory in ["a/deep", "b/deep", "c/deep"] { try share.write(FilePath(directory).appending("f"), "text") }
    #expect(try watched.hints() == [look("a/deep/f"), look("b/deep/f"), look("c/deep/f")])
  }

  @Test("a directory that replaces an empty one, and one that is deleted and made again")
  func replacedDirectories() throws {
    let watched = try WatchedShare()
    let share = watched.share
    try share.makeDirectory("a/x")
    try share.makeDirectory("b")
    _ = try watched.hints()
    try share.rename("a", "b")
    try share.write("b/x/f", "text")
    #expect(
      Set(try watched.hints()) == [moved("a", "b", directory: true), rescan("b", .moved), look("b/x/f")])
    try share.removeTree("b")
    try share.makeDirectory("b/x")
    #expect(try watched.hints().contains(rescan("b", .newDirectory)))
    #expect(watched.status.watchedDirectories == 3)
    try share.write("b/x/g", "text")
    #expect(try watched.hints() == [look("b/x/g")])
  }

  @Test("a directory swapped for a symbolic link: nothing behind it is watched or listed")
  func swappedForLink() throws {
    let outside = try TemporaryShare()
    try outside.makeDirectory("secret")
    let watched = try WatchedShare()
    let share = watched.share
    try share.makeDirectory("d/secret")
    _ = try watched.hints()
    try share.removeTree("d")
    try share.link("d", to: outside.path.string)
    let hints = try watched.hints()
    #expect(hints.contains(look("d")))
    #expect(!hints.contains { if case .rescan = $0 { true } else { false } })
    #expect(watched.status.watchedDirectories == 1)
    try outside.write("secret/f", "secret")
    #expect(try watched.hints() == [])
  }

  @Test("names of any bytes are told as they are")
  func names() throws {
    let watched = try WatchedShare()
    _ = watched.collector.all()
    let directory = FilePath(bytes: [0xFF, 0xFE, 10])
    try watched.share.makeDirectory(directory)
    #expect(try watched.hints() == [rescan(directory, .newDirectory)])
    let names: [[UInt8]] = [[0x80], Array("two\nlines".utf8), Array("文庫 ".utf8), [UInt8](repeating: 0xE6, count: 255)]
    let paths = names.map { FilePath(bytes: directory.bytes + [UInt8(ascii: "/")] + $0) }
    for path in paths { try watched.share.write(path, "text") }
    #expect(try watched.hints() == paths.map { look($0) })
  }

  @Test("a directory whose mode changes is told by its attributes, and one that cannot be read is tried again then")
  func directoryAttributes() throws {
    let watched = try WatchedShare()
    try watched.share.makeDirectory("d/e")
    _ = try watched.hints()
    try watched.share.changeMode("d", 0o700)
    try watched.share.changeMode("", 0o700)
    #expect(try watched.hints() == [.attributes(share: 1, directory: "d"), .attributes(share: 1, directory: "")])
  }

  @Test("five thousand files at once: each is told, once")
  func burst() throws {
    let watched = try WatchedShare()
    _ = watched.collector.all()
    let paths = (0..<5000).map { FilePath("\($0).txt") }
    for path in paths { try watched.share.write(path, "text") }
    let clock = ContinuousClock()
    let start = clock.now
    #expect(try watched.hints() == paths.map { look($0) })
    print("5,000 files: delivered \(clock.now - start) after the last")
    #expect(watched.status.overflows == 0)
  }

  @Test(
    "a path is told once it has settled, without a synchronisation, and one that never rests after the maximum delay")
  func settling() throws {
    let watched = try WatchedShare(settle: .milliseconds(50), maximumDelay: .seconds(5))
    _ = watched.collector.all()
    let clock = ContinuousClock()
    let start = clock.now
    try watched.share.write("f", "text")
    #expect(watched.collector.wait { $0 == look("f") } == [look("f")])
    let delay = clock.now - start
    print("settle 50 ms: told after \(delay)")
    #expect(delay >= .milliseconds(50))
    let busy = try WatchedShare(settle: .seconds(3600), maximumDelay: .milliseconds(50))
    try busy.share.write("log", "text")
    #expect(busy.collector.wait { $0 == look("log") } != nil)
  }

  @Test("the watch process is killed: it is started again, and everything rescanned and watched")
  func killed() throws {
    let watched = try WatchedShare()
    let share = watched.share
    try share.makeDirectory("a/b")
    _ = try watched.hints()
    for round in 1...2 {
      let process = try #require(watched.watcher.watchProcessID)
      kill(process, SIGKILL)
      try share.write(FilePath("a/b/\(round)"), "text")
      try share.makeDirectory(FilePath("a/new\(round)/deep"))
      // The cookie comes back through the next process only.
      let hints = try watched.hints()
      #expect(hints.contains(rescan("", .watcherDied)))
      #expect(watched.watcher.watchProcessID != process)
      #expect(watched.status.restarts == round)
      #expect(watched.status.state == .watching)
      try share.write(FilePath("a/new\(round)/deep/f"), "text")
      #expect(try watched.hints() == [look(FilePath("a/new\(round)/deep/f"))])
    }
  }

  @Test("the kernel's queue overflows: the share is rescanned, and new, gone and replaced directories are noticed")
  func kernelOverflow() throws {
    let watched = try WatchedShare()
    let share = watched.share
    for directory in ["stays", "goes/deep", "same/inode"] { try share.makeDirectory(FilePath(directory)) }
    _ = try watched.hints()
    let limit = try Int(
      String(contentsOfFile: "/proc/sys/fs/inotify/max_queued_events", encoding: .utf8)
        .trimmingCharacters(in: .whitespacesAndNewlines))
    let process = try #require(watched.watcher.watchProcessID)
    kill(process, SIGSTOP)
    try overfill(share, "stays", events: limit! + 2)
    try share.removeTree("goes")
    try share.removeTree("same/inode")
    try share.makeDirectory("same/inode")
    try share.makeDirectory("new/deep")
    kill(process, SIGCONT)
    let hints = try watched.hints()
    #expect(hints.contains(rescan("", .overflow)))
    #expect(watched.status.overflows >= 1)
    #expect(watched.status.watchedDirectories == 6)
    for directory in ["stays", "same/inode", "new/deep"] { try share.write(FilePath(directory).appending("f"), "text") }
    #expect(try watched.hints() == [look("stays/f"), look("same/inode/f"), look("new/deep/f")])
  }

  /// Makes many events quickly, of two names in turn: the same event twice in a row would be merged into one.
  private func overfill(_ share: TemporaryShare, _ directory: FilePath, events: Int) throws {
    let names = ["x", "y"].map { directory.appending($0) }
    for name in names { try share.write(name, "text") }
    for index in 0..<events { try share.changeMode(names[index & 1], 0o600) }
  }

  @Test("a daemon that reads too slowly makes the watch process lose events, say so, and go on")
  func backlogOverflow() throws {
    let isHeld = DispatchSemaphore(value: 0)
    let mayGoOn = DispatchSemaphore(value: 0)
    let wasHeld = Atomic(false)
    let watched = try WatchedShare(settle: .zero, watchArguments: ["--backlog", "1000"]) { hints in
      // Once: with no settling, the file may be told twice.
      if hints.contains(look("hold")), !wasHeld.exchange(true, ordering: .relaxed) {
        isHeld.signal()
        mayGoOn.wait()
      }
    }
    try watched.share.makeDirectory("d")
    _ = try watched.hints()
    try watched.share.write("hold", "text")
    isHeld.wait()
    // Socket buffers take some thousands of events before the backlog does.
    try overfill(watched.share, "d", events: 12_000)
    try watched.share.makeDirectory("d/new")
    mayGoOn.signal()
    let hints = try watched.hints()
    #expect(hints.contains(rescan("", .overflow)))
    try watched.share.write("d/new/f", "text")
    #expect(Set(try watched.hints()) == [look("d/new/f")])
  }

  @Test("beyond the budget of watches, directories are polled and the status says what to do")
  func budget() throws {
    let share = try TemporaryShare()
    for directory in ["a/b", "c"] { try share.makeDirectory(FilePath(directory)) }
    let watched = try WatchedShare(share, pollInterval: .milliseconds(50), watchBudget: 2)
    #expect(watched.status.watchedDirectories == 2)
    #expect(watched.status.unwatchedDirectories == 2)
    #expect(watched.status.advice?.contains("watch_budget, which is 2") == true)
    let polled = watched.collector.wait { if case .rescan(1, _, .polled) = $0 { true } else { false } }
    #expect(polled?.first == rescan("", .start))
  }

  @Test("the kernel's limit of watches is reported with the setting to raise")
  func kernelLimit() throws {
    // A user namespace has limits of its own, so that nobody else is harmed.
    let folder = try TemporaryShare()
    try folder.write(
      "watch",
      "#!/bin/sh\nexec unshare -Ur sh -c 'echo 3 > /proc/sys/user/max_inotify_watches; exec \(WatchProgram.path())'\n")
    try folder.changeMode("watch", 0o755)
    let probe = Process()
    probe.executableURL = URL(filePath: "/usr/bin/unshare")
    probe.arguments = ["-Ur", "sh", "-c", "echo 3 > /proc/sys/user/max_inotify_watches"]
    probe.standardError = FileHandle.nullDevice
    try probe.run()
    probe.waitUntilExit()
    guard probe.terminationStatus == 0 else {
      print("skipped: no user namespace may be made here, so that the kernel's limit cannot be lowered")
      return
    }
    let share = try TemporaryShare()
    for directory in ["a/b", "c"] { try share.makeDirectory(FilePath(directory)) }
    let watched = try WatchedShare(share, watchProgram: folder.path.appending("watch"))
    // One of the three is the folder for cookies.
    #expect(watched.status.watchedDirectories == 2)
    #expect(watched.status.unwatchedDirectories == 2)
    #expect(watched.status.advice?.contains("fs.inotify.max_user_watches") == true)
  }

  @Test("a share whose root goes is offline, and none of its files is told to be gone")
  func offline() throws {
    let elsewhere = try TemporaryShare()
    let watched = try WatchedShare()
    let share = watched.share
    try share.write("f", "text")
    _ = try watched.hints()
    try share.write("f", "pending")
    try elsewhere.rename(share.path, "away")
    #expect(try watched.hints() == [])
    #expect(watched.status.state == .offline)
    try elsewhere.write("away/g", "text")
    #expect(try watched.hints() == [])
    // And back.
    try elsewhere.rename("away", share.path)
    watched.watcher.watch(ShareToWatch(id: 1, name: "documents", root: try share.open()))
    #expect(watched.collector.wait { $0 == rescan("", .start) } != nil)
    try share.write("g", "text")
    #expect(try watched.hints() == [look("g")])
    #expect(watched.status.state == .watching)
  }

  @Test("a share deleted with all its files is offline too")
  func deleted() throws {
    let watched = try WatchedShare()
    try watched.share.makeDirectory("a/b")
    _ = try watched.hints()
    try watched.share.removeTree("")
    #expect(try watched.hints() == [])
    #expect(watched.status.state == .offline)
  }

  @Test("a share within a share: each is told of what happens in both")
  func nested() throws {
    let outer = try TemporaryShare()
    try outer.makeDirectory("in/d")
    let inner = ShareToWatch(id: 2, name: "inner", root: try ShareRoot(path: outer.path.appending("in")))
    let watched = try WatchedShare(outer, further: [inner])
    #expect(watched.watcher.status(of: 2).watchedDirectories == 2)
    _ = watched.collector.all()
    try outer.write("in/d/f", "text")
    let both: Set<Hint> = [look("in/d/f"), .look(share: 2, path: "d/f", contentEvent: true)]
    #expect(Set(try watched.hints()) == both)
    try outer.rename("in/d", "in/e")
    try outer.rename("in/e", "d")
    let hints = try watched.hints()
    #expect(hints.contains(moved("in/e", "d", directory: true)))
    #expect(hints.contains(.look(share: 2, path: "e", contentEvent: true)))
    try outer.write("d/g", "text")
    #expect(try watched.hints() == [look("d/g")])
  }

  @Test("a share's own rules stand in place of the common ones")
  func ownRules() throws {
    let second = try TemporaryShare()
    let rules = try IgnoreRules(patterns: ["!.notes/", "*.bak"])
    let watched = try WatchedShare(
      further: [ShareToWatch(id: 2, name: "second", root: second.open(), ignore: rules)])
    _ = watched.collector.all()
    for share in [watched.share, second] {
      try share.makeDirectory(".notes")
      try share.write("x.bak", "text")
    }
    #expect(
      try watched.hints() == [.rescan(share: 2, under: ".notes", reason: .newDirectory), look("x.bak")])
    try second.write(".notes/f", "text")
    #expect(try watched.hints() == [.look(share: 2, path: ".notes/f", contentEvent: true)])
  }

  @Test("patterns that look at directories are held against the new path of what moves")
  func movedIntoIgnored() throws {
    let watched = try WatchedShare(ignore: IgnoreRules(patterns: ["/private/*/"]))
    let share = watched.share
    try share.makeDirectory("public/sub/deep")
    try share.makeDirectory("private")
    _ = try watched.hints()
    try share.rename("public/sub", "private/sub")
    #expect(try watched.hints() == [look("public/sub")])
    try share.write("private/sub/deep/f", "text")
    #expect(try watched.hints() == [])
    try share.rename("private/sub", "public/again")
    #expect(try watched.hints() == [rescan("public/again", .newDirectory)])
    try share.write("public/again/deep/f", "text")
    #expect(try watched.hints() == [look("public/again/deep/f")])
  }

  @Test("synchronisations from several threads are each answered after their own changes")
  func concurrent() throws {
    let watched = try WatchedShare()
    let collector = watched.collector
    _ = collector.all()
    let seen = HintCollector()
    DispatchQueue.concurrentPerform(iterations: 4) { thread in
      for round in 0..<25 {
        do {
          try watched.share.write(FilePath("\(thread)-\(round)"), "text")
          try watched.watcher.synchronize()
          seen.take(collector.all())
        } catch { Issue.record(error) }
      }
    }
    let expected = Set((0..<4).flatMap { thread in (0..<25).map { look(FilePath("\(thread)-\($0)")) } })
    #expect(Set(seen.all()) == expected)
  }

  @Test("a stuck watch process makes synchronize give up after its time, and stop still stops")
  func stuck() throws {
    let watched = try WatchedShare()
    let process = try #require(watched.watcher.watchProcessID)
    kill(process, SIGSTOP)
    #expect(throws: FileWatchingError.self) { try watched.watcher.synchronize(within: .milliseconds(50)) }
    watched.watcher.stop()
    #expect(watched.status.state == .stopped)
    #expect(kill(process, 0) == -1 && errno == ESRCH)
    #expect(throws: FileWatchingError.self) { try watched.watcher.synchronize() }
  }

  @Test("a program that is not there is an error of start, and so is a folder for cookies")
  func failures() throws {
    #expect(throws: FileWatchingError.self) { try WatchedShare(watchProgram: "/nonexistent/fumikura-watch") }
    let share = try TemporaryShare()
    let watcher = try FileWatcher(
      watchProgram: WatchProgram.path(), shares: [ShareToWatch(id: 1, name: "x", root: share.open())],
      cookieDirectory: "/nonexistent"
    ) { _ in }
    #expect(throws: FileWatchingError.self) { try watcher.start() }
  }
}
