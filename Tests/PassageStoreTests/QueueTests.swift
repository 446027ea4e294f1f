import LinuxSystem
import PassageStore
import SystemPackage
import Testing

@Suite("The queue")
struct QueueTests {
  let fixture: StoreFixture
  let store: PassageStore
  let share: Int64

  init() throws {
    fixture = try StoreFixture()
    store = fixture.store
    share = try fixture.share()
  }

  private func enqueue(_ path: FilePath, _ cause: JobCause = .look, at time: Int64 = 0) throws {
    try store.enqueue([JobRequest(share: share, path: path, cause: cause, notBefore: time)])
  }

  @Test("A path has one job: a newer event raises its generation, keeps the stronger cause and the earlier time")
  func oneJobForAPath() throws {
    try enqueue("a", .content, at: 50)
    try enqueue("a", .crawl, at: 70)
    #expect(try store.pendingJobs() == 1)
    #expect(try store.claimJobs(limit: 9, now: 49).isEmpty)
    let job = try #require(try store.claimJobs(limit: 9, now: 50).first)
    #expect(job.cause == .content && job.generation == 2 && job.path == "a" && job.share == share && job.attempts == 0)
  }

  @Test("An event that comes during the work is not lost: the job is done once more")
  func eventDuringWork() throws {
    try enqueue("a", .content)
    let first = try #require(try store.claimJobs(limit: 1, now: 0).first)
    try enqueue("a", .look)
    #expect(try store.claimJobs(limit: 1, now: 99).isEmpty, "it is being worked on")
    try fixture.commit(share: share, "a", ["one"], finishing: first)
    #expect(try store.pendingJobs(share: share) == 1)
    let second = try #require(try store.claimJobs(limit: 1, now: 99).first)
    #expect(second.generation == first.generation + 1)
    #expect(try store.finish(second))
    #expect(try store.pendingJobs() == 0)
    #expect(try store.finish(second), "finishing twice does nothing")
  }

  @Test("Jobs somebody may wait for come before a crawl's, however old those are")
  func urgency() throws {
    try enqueue("crawled", .crawl, at: 1)
    try enqueue("again", .reindex, at: 2)
    try enqueue("later", .content, at: 9)
    try enqueue("saved", .look, at: 8)
    #expect(try store.claimJobs(limit: 3, now: 9).map(\.path) == ["saved", "later", "crawled"])
    #expect(try store.claimJobs(limit: 3, now: 9).map(\.path) == ["again"])
  }

  @Test("Claims are shared out among threads: every job goes to one of them")
  func concurrentClaims() async throws {
    for number in 0..<200 { try enqueue(FilePath("f\(number)")) }
    let store = store
    let claimed = try await withThrowingTaskGroup(of: [Int64].self) { group in
      for _ in 0..<4 {
        group.addTask {
          var mine: [Int64] = []
          while let job = try store.claimJobs(limit: 1, now: 0).first { mine.append(job.id) }
          return mine
        }
      }
      return try await group.reduce(into: [Int64]()) { $0 += $1 }
    }
    #expect(claimed.count == 200 && Set(claimed).count == 200)
  }

  @Test("A requeued job waits; a newer event shortens the wait")
  func requeue() throws {
    try enqueue("a")
    var job = try #require(try store.claimJobs(limit: 1, now: 0).first)
    try store.requeue(job, notBefore: 100)
    #expect(try store.claimJobs(limit: 1, now: 99).isEmpty)
    #expect(try store.nextJobTime() == 100)
    job = try #require(try store.claimJobs(limit: 1, now: 100).first)
    #expect(try store.nextJobTime() == nil)
    try enqueue("a", .content, at: 120)
    try store.requeue(job, notBefore: 500)
    #expect(try store.nextJobTime() == 100)
  }

  @Test("What was claimed when the daemon ended is claimed again, with its attempts")
  func restart() throws {
    let fixture = try StoreFixture()
    let share = try fixture.share()
    try fixture.store.enqueue([JobRequest(share: share, path: "a", cause: .content, notBefore: 0)])
    let job = try #require(try fixture.store.claimJobs(limit: 1, now: 0).first)
    try fixture.store.recordAttempt(job)
    try fixture.reopen()
    #expect(try fixture.store.claimJobs(limit: 1, now: 0).isEmpty)
    try fixture.store.resetClaims()
    #expect(try fixture.store.claimJobs(limit: 1, now: 0).first?.attempts == 1)
  }

  @Test("Attempts outlive a crawl and start anew with new content or a wish")
  func attempts() throws {
    try enqueue("a", .content)
    let job = try #require(try store.claimJobs(limit: 1, now: 0).first)
    try store.recordAttempt(job)
    try enqueue("a", .crawl)
    try store.resetClaims()
    #expect(try store.claimJobs(limit: 1, now: 0).first?.attempts == 1)
    try enqueue("a", .retry)
    try store.resetClaims()
    #expect(try store.claimJobs(limit: 1, now: 0).first?.attempts == 0)
  }

  @Test("Pending paths can be looked at page by page, claimed or not")
  func pages() throws {
    for path: FilePath in ["a", "b", "c"] { try enqueue(path) }
    _ = try store.claimJobs(limit: 1, now: 0)
    let first = try store.pendingJobs(share: share, after: nil, limit: 2)
    #expect(first.map(\.path) == ["a", "b"])
    #expect(try store.pendingJobs(share: share, after: first[1].id, limit: 2).map(\.path) == ["c"])
    #expect(try store.pendingJobs(share: share + 1) == 0)
  }
}
