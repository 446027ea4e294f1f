import Foundation
import LinuxSystem
import SystemPackage
import Testing

@testable import PassageStore

@Suite("Journal, metrics, settings, and what is kept beside")
struct RecordTests {
  let fixture: StoreFixture
  let store: PassageStore

  init() throws {
    fixture = try StoreFixture()
    store = fixture.store
  }

  @Test("The journal is read newest first, by share and path, and is bounded")
  func journal() throws {
    let events = [
      JournalEvent(time: 1, share: 1, path: oddPath, kind: "indexed", detail: "2 passages"),
      JournalEvent(time: 2, share: 2, path: "b", kind: "removed"),
      JournalEvent(time: 3, share: nil, path: nil, kind: "promoted", detail: "version 2"),
    ]
    try store.journal(events)
    #expect(try store.journal(limit: 10) == events.reversed())
    #expect(try store.journal(share: 1, path: oddPath, limit: 10) == [events[0]])
    #expect(try store.journal(share: 2, limit: 10) == [events[1]])
    #expect(try store.journal(limit: 1) == [events[2]])
    try store.journal(
      (0..<Int64(PassageStore.journalLimit)).map { JournalEvent(time: $0, share: 1, path: nil, kind: "k") })
    let all = try store.journal(limit: .max)
    #expect(all.count == PassageStore.journalLimit && all.allSatisfy { $0.kind == "k" })
  }

  @Test("Metrics are a series by name, bounded, of finite numbers")
  func metrics() throws {
    for time in 0..<5 { try store.record(metric: "p95", value: Double(time) / 2, at: Int64(time)) }
    try store.record(metric: "p95", value: 9, at: 4)
    try store.record(metric: "other", value: 1, at: 4)
    #expect(try store.metric("p95", since: 3).map(\.value) == [1.5, 9])
    #expect(try store.metric("none", since: 0).isEmpty)
    #expect(throws: StoreError.self) { try store.record(metric: "p95", value: .nan, at: 9) }
  }

  @Test("A setting is what it was last set to, or nothing")
  func settings() throws {
    #expect(try store.setting("model") == nil)
    try store.set("model", to: "a")
    try store.set("model", to: "日本語 \"b\"")
    #expect(try store.setting("model") == "日本語 \"b\"")
    let kept = store.keptDirectory.appending("settings.json")
    #expect(try String(contentsOfFile: kept.string, encoding: .utf8).contains("日本語"))
    try store.set("model", to: nil)
    #expect(try store.setting("model") == nil)
  }

  @Test("Projectors, settings and journal come back in a fresh store from the files beside the old one")
  func restore() throws {
    let first = try store.insertProjector(StoreFixture.projector("pca-whitened"))
    try store.activate(first.id)
    var new = StoreFixture.projector()
    new.parent = first.id
    let second = try store.insertProjector(new)
    try store.setState(of: second.id, to: .rejected, reason: "loses")
    try store.set("model", to: "m")
    let events = [
      JournalEvent(time: 1, share: 1, path: oddPath, kind: "indexed", detail: "\n\"quoted\""),
      JournalEvent(time: 2, share: nil, path: nil, kind: "promoted"),
    ]
    try store.journal(events)
    try store.exportIrreplaceable(to: store.keptDirectory)
    let fresh = try StoreFixture()
    try fresh.store.restoreIrreplaceable(from: store.keptDirectory)
    #expect(try fresh.store.projectors() == (try store.projectors()))
    #expect(try fresh.store.encodedProjector(second.id) == StoreFixture.projector().encoded)
    #expect(try fresh.store.activeProjector()?.id == first.id)
    #expect(try fresh.store.setting("model") == "m")
    #expect(try fresh.store.journal(limit: 9) == events.reversed())
    #expect(throws: StoreError.self) { try fresh.store.restoreIrreplaceable(from: store.keptDirectory) }
    let empty = try StoreFixture()
    try empty.store.restoreIrreplaceable(from: "/nonexistent")
    #expect(try empty.store.projectors().isEmpty)
  }

  @Test("The files kept beside are ours alone, and a projector half written is not restored")
  func keptFiles() throws {
    _ = try store.insertProjector(StoreFixture.projector())
    let folder = store.keptDirectory.appending("projectors").appending("000001")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.string).sorted()
    #expect(names == ["projector.bin", "projector.json", "quantizer.bin"])
    for name in names {
      let mode = try FileManager.default.attributesOfItem(atPath: folder.appending(name).string)[.posixPermissions]
      #expect(mode as? Int == 0o600)
    }
    try FileManager.default.removeItem(atPath: folder.appending("quantizer.bin").string)
    let fresh = try StoreFixture()
    try fresh.store.restoreIrreplaceable(from: store.keptDirectory)
    #expect(try fresh.store.projectors().isEmpty)
  }

  @Test("A backup made while others write opens by itself and is whole")
  func backup() async throws {
    let share = try fixture.share()
    try fixture.commit(share: share, "a", ["before"])
    let target = fixture.directory.appending("copy.db")
    let store = store
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        for number in 0..<50 {
          let file = StoreFixture.file(share: share, FilePath("f\(number)"), ["text \(number)", "more \(number)"])
          _ = try store.commit(file, finishing: nil)
        }
      }
      group.addTask { for _ in 0..<3 { try store.backup(to: target) } }
      try await group.waitForAll()
    }
    let mode = try FileManager.default.attributesOfItem(atPath: target.string)[.posixPermissions]
    #expect(mode as? Int == 0o600)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: fixture.directory.string).sorted() == ["copy.db", "state"])
    try store.backup(to: target)
    let copy = fixture.directory.appending("restored").appending("fumikura.db")
    try FileManager.default.createDirectory(
      atPath: copy.removingLastComponent().string, withIntermediateDirectories: false)
    try FileManager.default.moveItem(atPath: target.string, toPath: copy.string)
    let restored = try PassageStore(at: copy)
    #expect(try restored.verify() == [])
    #expect(try restored.snapshotForComparison() == (try store.snapshotForComparison()))
  }

  @Test("A backup that cannot be written is an error with the place, and leaves nothing")
  func impossibleBackup() throws {
    #expect(throws: StoreError.self) { try store.backup(to: "/nonexistent/copy.db") }
  }

  @Test("Two stores of the same files compare equal whatever happened on the way")
  func comparison() throws {
    let share = try fixture.share()
    try fixture.commit(share: share, "b/x", ["one", "two\n\"quoted\""])
    try fixture.commit(share: share, oddPath, ["three"])
    let other = try StoreFixture()
    _ = try other.share("zzz")
    let otherShare = try other.share()
    try other.commit(share: otherShare, oddPath, ["once", "something", "else"])
    try other.commit(share: otherShare, oddPath, ["three"])
    try other.commit(share: otherShare, "a/x", ["one", "two\n\"quoted\""])
    _ = try other.store.move(share: otherShare, from: "a", to: "b", directory: true)
    let lines = try store.snapshotForComparison()
    #expect(lines == (try other.store.snapshotForComparison()))
    #expect(lines.count == 5 && lines.allSatisfy { !$0.contains("\n") })
    #expect(lines.contains { $0.hasPrefix("file \"documents\" dir/%ff%fe.txt 6 ") && $0.hasSuffix(" indexed 1") })
    try other.commit(share: otherShare, oddPath, ["Three"])
    #expect(lines != (try other.store.snapshotForComparison()))
  }

  @Test("Verification names what is broken")
  func verify() throws {
    let share = try fixture.share()
    try fixture.commit(share: share, "a", ["one", "two"])
    #expect(try store.verify() == [])
    try store.write { db in
      try db.run("UPDATE tally SET jobs = 3")
      try db.run("UPDATE passage SET ordinal = 5 WHERE ordinal = 1")
      try db.run("UPDATE file SET passages = 7")
    }
    let problems = try store.verify()
    #expect(problems.count == 3, "\(problems)")
    #expect(problems.contains { $0.hasPrefix("files whose number of passages") })
    #expect(problems.contains { $0.hasPrefix("shares whose counts") })
    #expect(problems.contains { $0.hasPrefix("files whose passages are not numbered") })
  }
}
