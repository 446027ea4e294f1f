import LinuxSystem
import SystemPackage
import Testing

@testable import FileWatching

@Suite("Coalescing of events")
struct EventCoalescerTests {
  private var coalescer = EventCoalescer(settle: .milliseconds(300), maximumDelay: .seconds(5))

  private func look(_ path: String, content: Bool = true, share: Int64 = 1) -> Hint {
    .look(share: share, path: FilePath(path), contentEvent: content)
  }
  private func at(_ milliseconds: Int) -> Duration { .milliseconds(milliseconds) }
  private mutating func note(
    _ path: String, _ effects: EventCoalescer.Effects = .content, at time: Int, share: Int64 = 1
  ) {
    coalescer.note(share: share, path: Array(path.utf8), effects, at: at(time))
  }
  private mutating func rename(_ from: String, _ to: String, directory: Bool = false) {
    coalescer.rename(share: 1, from: Array(from.utf8), to: Array(to.utf8), isDirectory: directory)
  }

  @Test("a path is due once it has been quiet for the settle time, not before")
  mutating func settles() {
    note("a", at: 0)
    #expect(coalescer.nextCheck == at(300))
    #expect(coalescer.takeDue(at: at(299)) == [])
    note("a", at: 299)
    #expect(coalescer.takeDue(at: at(300)) == [])
    #expect(coalescer.nextCheck == at(599))
    #expect(coalescer.takeDue(at: at(599)) == [look("a")])
    #expect(coalescer.takeDue(at: at(10_000)) == [])
    #expect(coalescer.nextCheck == nil)
  }

  @Test("a path that never rests is due every maximum delay")
  mutating func maximumDelay() {
    var delivered: [Int] = []
    for time in stride(from: 0, through: 12_000, by: 100) {
      note("log", at: time)
      if !coalescer.takeDue(at: at(time)).isEmpty { delivered.append(time) }
    }
    #expect(delivered == [5000, 10_100])
  }

  @Test("hints come in the order of first events, each path once, with the sum of its effects")
  mutating func order() {
    note("b", .look, at: 0)
    note("a", at: 1)
    note("b", at: 2)
    note("d", .directoryAttributes, at: 3)
    note("c", .look, at: 4)
    note("a", at: 0, share: 2)
    #expect(
      coalescer.takeDue(at: at(400)) == [
        look("b"), look("a"), .attributes(share: 1, directory: "d"), look("c", content: false), look("a", share: 2),
      ])
  }

  @Test("what is pending follows a rename, and merges with what is pending there")
  mutating func renames() {
    note("a", at: 0)
    note("b", .look, at: 200)
    rename("a", "b")
    // As old as the older: due no later than a's own maximum, and quiet since b's event.
    #expect(coalescer.takeDue(at: at(499)) == [])
    #expect(coalescer.takeDue(at: at(500)) == [look("b")])
    rename("nothing", "pending")
    #expect(coalescer.count == 0)
  }

  @Test("an older entry that is renamed onto a younger one keeps its maximum delay")
  mutating func olderRenamed() {
    for time in stride(from: 0, through: 4900, by: 100) { note("a", at: time) }
    note("b", at: 4900)
    rename("a", "b")
    #expect(coalescer.takeDue(at: at(5000)) == [look("b")])
  }

  @Test("a directory's rename takes along what is beneath it, and only that")
  mutating func directoryRenames() {
    for path in ["d/x", "d", "dx", "d/e/y"] { note(path, at: 0) }
    note("d/x", at: 0, share: 2)
    rename("d", "new/d", directory: true)
    #expect(
      Set(coalescer.takeAll())
        == [look("new/d/x"), look("new/d"), look("dx"), look("new/d/e/y"), look("d/x", share: 2)])
  }

  @Test("beyond its capacity the earliest are due at once")
  mutating func capacity() {
    coalescer = EventCoalescer(settle: .seconds(1), maximumDelay: .seconds(5), capacity: 10)
    for index in 0..<25 { note("\(index)", at: index) }
    #expect(coalescer.nextCheck == .zero)
    #expect(coalescer.takeDue(at: at(25)) == (0..<15).map { look("\($0)") })
    #expect(coalescer.takeDue(at: at(26)) == [])
    #expect(coalescer.count == 10)
  }

  @Test("a share can be forgotten, and everything be taken at once")
  mutating func forgets() {
    note("a", at: 0)
    note("b", at: 0, share: 2)
    coalescer.forget(share: 1)
    #expect(coalescer.takeAll() == [look("b", share: 2)])
    #expect(coalescer.nextCheck == nil)
  }

  @Test("random events: each path is due no later than its rule says, and nothing is lost")
  mutating func random() {
    let seed = UInt64.random(in: 0...UInt64.max)
    var generator = SeededGenerator(seed: seed)
    // path → (first, last), the rule in its plain form.
    var pending: [String: (first: Int, last: Int)] = [:]
    var now = 0
    for _ in 0..<5000 {
      now += Int.random(in: 0...60, using: &generator)
      let taken = coalescer.takeDue(at: at(now))
      let due = pending.filter { min($0.value.last + 300, $0.value.first + 5000) <= now }
      #expect(Set(taken) == Set(due.keys.map { look($0) }), "seed \(seed)")
      for path in due.keys { pending[path] = nil }
      let path = "\(Int.random(in: 0..<20, using: &generator))"
      note(path, at: now)
      pending[path] = (pending[path]?.first ?? now, now)
    }
  }
}
