import Foundation
import LinuxSystem
import SystemPackage
import Testing

@testable import PassageStore

@Suite("The end at any instant")
struct CrashTests {
  /// What a kill leaves is what is in the files: SQLite's own writes, up to any one of them. The WAL is cut at every
  /// kind of place, as a kill between two writes, or in one, would cut it.
  @Test("A WAL that ends anywhere opens as a whole number of transactions")
  func cutWAL() throws {
    let seed = UInt64.random(in: 0 ... .max)
    var generator = SampleGenerator(seed: seed)
    let fixture = try StoreFixture()
    let share = try fixture.share()
    let store = fixture.store!
    var states: [[String]] = [try store.snapshotForComparison()]
    try store.enqueue(
      (0..<12).map { JobRequest(share: share, path: FilePath("f\($0 % 4)"), cause: .content, notBefore: 0) })
    for round in 0..<12 {
      let path = FilePath("f\(round % 4)")
      try store.enqueue([JobRequest(share: share, path: path, cause: .content, notBefore: 0)])
      let job = try #require(try store.claimJobs(limit: 1, now: 0).first)
      try store.recordAttempt(job)
      if round % 5 == 4 {
        _ = try store.remove(share: share, path: job.path, finishing: job)
      } else {
        try fixture.commit(
          share: share, job.path, (0...round).map { "round \(round), passage \($0)" }, finishing: job)
      }
      states.append(try store.snapshotForComparison())
    }
    let whole = try OpeningTests.contents(fixture.database)
    let wal = try #require(whole["-wal"])
    let frame = 24 + 4096
    var cuts = [0, 16, 32, wal.count]
    for _ in 0..<25 { cuts.append(Int.random(in: 0...wal.count, using: &generator)) }
    for _ in 0..<15 { cuts.append(32 + frame * Int.random(in: 0...(wal.count - 32) / frame, using: &generator)) }
    var reached: Set<Int> = []
    for cut in cuts {
      let directory = try StoreFixture.temporaryDirectory()
      defer { StoreFixture.delete(directory) }
      let path = directory.appending("fumikura.db")
      try whole[""]!.write(to: URL(filePath: path.string))
      try wal.prefix(cut).write(to: URL(filePath: path.string + "-wal"))
      let copy = try PassageStore(at: path)
      #expect(try copy.verify() == [], "seed \(seed), cut at \(cut)")
      let state = states.firstIndex(of: try copy.snapshotForComparison())
      #expect(state != nil, "seed \(seed), cut at \(cut): a state that never was")
      if let state { reached.insert(state) }
      // Whatever is in no final state is in the queue.
      try copy.resetClaims()
      let pending = try copy.claimJobs(limit: 100, now: 0).count
      #expect(pending == (try copy.pendingJobs()))
    }
    #expect(reached.count > 3, "seed \(seed): the cuts saw states \(reached)")
  }

  @Test("Files copied while others write and checkpoint open as they were at some instant")
  func copiedWhileWriting() async throws {
    let fixture = try StoreFixture()
    let share = try fixture.share()
    let store = fixture.store!
    let database = fixture.database
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        for number in 0..<300 {
          let texts = (0..<4).map { "passage \($0) of file \(number)" }
          _ = try store.commit(StoreFixture.file(share: share, FilePath("f\(number % 50)"), texts), finishing: nil)
        }
      }
      group.addTask {
        for _ in 0..<10 {
          // A checkpoint between the two copies would mix instants, which no kill does: the WAL is copied first, and
          // again after the database, and the pair is taken where it did not start over between them.
          let copy = try StoreFixture.temporaryDirectory().appending("fumikura.db")
          defer { StoreFixture.delete(copy.removingLastComponent()) }
          let log = URL(filePath: database.string + "-wal")
          let before = try Data(contentsOf: log).prefix(32)
          let pages = try Data(contentsOf: URL(filePath: database.string))
          let after = try Data(contentsOf: log)
          guard before == after.prefix(32) else { continue }
          try pages.write(to: URL(filePath: copy.string))
          try after.write(to: URL(filePath: copy.string + "-wal"))
          let opened = try PassageStore(at: copy)
          #expect(try opened.verify() == [])
          let counts = try #require(try opened.counts()[share])
          #expect(counts.passages == 4 * counts.indexed)
        }
      }
      try await group.waitForAll()
    }
  }
}
