import Glibc
import LinuxSystem
import SystemPackage
import Testing
import WatchFrames

@testable import FileWatching

@Suite("The watch process by itself")
struct WatchProcessTests {
  @Test("it ends by itself once the daemon's ends are closed")
  func endsWithItsInput() throws {
    var process: WatchProcess? = try WatchProcess(program: WatchProgram.path(), arguments: [])
    let id = try #require(process?.id)
    process = nil
    var status: CInt = -1
    #expect(waitpid(id, &status, 0) == id)
    #expect(status == 0)
  }

  @Test("wrong arguments are refused with a word of how to use it")
  func arguments() throws {
    let process = try WatchProcess(program: WatchProgram.path(), arguments: ["--backlog", "much"])
    var wait = pollfd(fd: process.descriptor, events: Int16(POLLIN), revents: 0)
    poll(&wait, 1, -1)
    #expect(try !process.read { _ in })
    process.end()
  }

  @Test("one directory under two ids tells both; a removed id is silent, and an id can move to another directory")
  func ids() throws {
    let (first, second) = (try TemporaryShare(), try TemporaryShare())
    let process = try WatchProcess(program: WatchProgram.path(), arguments: [])
    defer { process.end() }
    var reports: [WatchReport] = []
    func waitFor(_ count: Int) throws {
      while reports.count < count {
        var wait = pollfd(fd: process.descriptor, events: Int16(POLLIN), revents: 0)
        #expect(poll(&wait, 1, 20_000) == 1)
        #expect(try process.read { reports.append($0) })
      }
    }
    func created(_ id: UInt32, _ name: String) -> WatchReport {
      .event(id: id, mask: UInt32(IN_CREATE) | UInt32(IN_ISDIR), cookie: 0, name: Array(name.utf8))
    }
    let one = try first.open().open("", for: .listing)
    let other = try second.open().open("", for: .listing)
    try process.add(1, directory: one)
    try process.add(2, directory: one)
    try waitFor(2)
    try first.makeDirectory("a")
    try waitFor(4)
    try process.remove(1)
    try process.add(2, directory: one)
    try waitFor(5)
    try first.makeDirectory("b")
    try waitFor(6)
    try process.add(2, directory: other)
    try waitFor(7)
    try first.makeDirectory("unseen")
    try second.makeDirectory("c")
    try waitFor(8)
    #expect(
      reports == [
        .added(id: 1), .added(id: 2), created(1, "a"), created(2, "a"), .added(id: 2), created(2, "b"), .added(id: 2),
        created(2, "c"),
      ])
    // What is no directory is refused.
    try first.write("file", "text")
    try process.add(3, directory: try first.open().open("file", for: .content))
    try waitFor(9)
    #expect(reports.last == .failed(id: 3, code: UInt32(ENOTDIR)))
  }
}
