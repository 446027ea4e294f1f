import LinuxSystem
import PassageStore
import SystemPackage
import Testing

@Suite("The outcome of one file")
struct FileOutcomeTests {
  let fixture: StoreFixture
  let store: PassageStore
  let share: Int64

  init() throws {
    fixture = try StoreFixture()
    store = fixture.store
    share = try fixture.share()
  }

  @Test("A file comes back as it was committed, its odd path and large numbers too")
  func roundTrip() throws {
    var file = StoreFixture.file(share: share, oddPath, ["one", "two"], heading: "A heading")
    file.attributes.acl = [2, 0, 0, 0, 1, 0, 6, 0, 255, 255, 255, 255]
    file.stale = true
    file.partial = "limit"
    let committed = try store.commit(file, finishing: nil)
    #expect(committed.replacedFile == false)
    #expect(committed.removed.isEmpty)
    #expect(committed.added.map(\.ordinal) == [0, 1])
    let row = try #require(try store.file(share: share, path: oddPath))
    #expect(row == committed.file)
    #expect(row == (try store.file(id: row.id)))
    #expect(row.path == oddPath)
    #expect(row.attributes == file.attributes)
    #expect(row.contentHash == file.contentHash)
    #expect(row.readAt == file.readAt)
    #expect(row.state == .indexed && row.type == "text" && row.title == "title" && row.stale && row.partial == "limit")
    #expect(row.passages == 2 && row.reason == nil && row.detail == nil && row.attempts == 0)
    let passages = try store.passages(ofFile: row.id)
    #expect(passages.map(\.text) == ["one", "two"])
    #expect(passages.map(\.heading) == ["A heading", "A heading"])
    #expect(passages.map(\.page) == [1, 1])
    #expect(passages.map(\.start) == [0, 4])
    #expect(passages.map(\.length) == [3, 3])
    #expect(passages.map(\.id) == committed.added.map(\.passageID))
    #expect(passages.map(\.vectorID) == committed.added.map(\.vectorID))
    #expect(try store.passages(passages.map(\.id)) == [passages[0].id: passages[0], passages[1].id: passages[1]])
    #expect(try store.verify() == [])
  }

  @Test("An edit keeps the rows of the passages that stay, and reports exactly what came and went")
  func edit() throws {
    let before = try fixture.commit(share: share, "a.txt", ["one", "two", "three"])
    let after = try fixture.commit(share: share, "a.txt", ["zero", "one", "TWO", "three"])
    #expect(after.replacedFile)
    #expect(after.file.id == before.file.id)
    #expect(after.removed == [before.added[1].passageID])
    #expect(after.added.map(\.ordinal) == [0, 2])
    let passages = try store.passages(ofFile: after.file.id)
    #expect(passages.map(\.text) == ["zero", "one", "TWO", "three"])
    #expect(passages[1].id == before.added[0].passageID)
    #expect(passages[3].id == before.added[2].passageID)
    #expect(passages[1].start == 5)
    #expect(try store.verify() == [])
  }

  @Test("The same content again changes no passage and no id")
  func sameAgain() throws {
    let before = try fixture.commit(share: share, "a.txt", ["one", "one", "two"])
    let after = try fixture.commit(share: share, "a.txt", ["one", "one", "two"])
    #expect(after.added.isEmpty && after.removed.isEmpty)
    #expect(try store.passages(ofFile: after.file.id).map(\.id) == before.added.map(\.passageID))
  }

  @Test("Of equal passages each keeps its own row while there are enough, and the surplus goes")
  func equalPassages() throws {
    let before = try fixture.commit(share: share, "a.txt", ["x", "x", "x"])
    let after = try fixture.commit(share: share, "a.txt", ["x", "x"])
    #expect(after.removed == [before.added[2].passageID])
    #expect(after.added.isEmpty)
    #expect(try store.verify() == [])
  }

  @Test("Ids of files, passages and vectors are never used again")
  func idsAreNotReused() throws {
    let first = try fixture.commit(share: share, "a.txt", ["one"])
    _ = try store.remove(share: share, path: "a.txt", finishing: nil)
    #expect(try store.collectUnusedVectors(limit: 10) == 1)
    let second = try fixture.commit(share: share, "a.txt", ["one"])
    #expect(second.file.id > first.file.id)
    #expect(second.added[0].passageID > first.added[0].passageID)
    #expect(second.added[0].vectorID > first.added[0].vectorID)
  }

  @Test("A copy shares text and vector, and either may go first")
  func copies() throws {
    let first = try fixture.commit(share: share, "a.txt", ["shared words"])
    let second = try store.commit(
      StoreFixture.file(share: share, "b.txt", ["shared words"], vectors: []), finishing: nil)
    #expect(second.added[0].vectorID == first.added[0].vectorID)
    #expect(try store.keywordMatches("shared", limit: 10) { _ in true }.count == 2)
    _ = try store.remove(share: share, path: "a.txt", finishing: nil)
    #expect(try store.keywordMatches("shared", limit: 10) { _ in true }.map(\.passageID) == [second.added[0].passageID])
    #expect(try store.collectUnusedVectors(limit: 10) == 0)
    _ = try store.remove(share: share, path: "b.txt", finishing: nil)
    #expect(try store.keywordMatches("shared", limit: 10) { _ in true }.isEmpty)
    #expect(try store.collectUnusedVectors(limit: 10) == 1)
    #expect(try store.verify() == [])
  }

  @Test("A vector that is neither given nor stored is an error that names it, and nothing is kept")
  func missingVector() throws {
    try fixture.commit(share: share, "a.txt", ["one"])
    let job = try claim("a.txt")
    let file = StoreFixture.file(share: share, "a.txt", ["one", "new"], vectors: [])
    #expect(throws: StoreError.missingVectors([StoreFixture.key("new")])) { try store.commit(file, finishing: job) }
    #expect(try store.file(share: share, path: "a.txt")?.passages == 1)
    #expect(try store.pendingJobs() == 1)
  }

  @Test("A failure takes the passages away and keeps attributes that could not be read again")
  func failure() throws {
    let before = try fixture.commit(share: share, "a.txt", ["one", "two"])
    let job = try claim("a.txt")
    #expect(try store.recordAttempt(job) == 1)
    #expect(try store.recordAttempt(job) == 2)
    let outcome = FileOutcome(
      share: share, path: "a.txt", attributes: nil, contentHash: nil, readAt: 5, state: .quarantined, reason: "crash",
      detail: "signal 11")
    let committed = try store.record(outcome: outcome, finishing: job)
    #expect(committed.removed == before.added.map(\.passageID))
    #expect(committed.file.id == before.file.id)
    #expect(committed.file.attributes == before.file.attributes)
    #expect(committed.file.state == .quarantined && committed.file.reason == "crash")
    #expect(committed.file.detail == "signal 11" && committed.file.attempts == 2 && committed.file.passages == 0)
    #expect(try store.pendingJobs() == 0)
    let recovered = try fixture.commit(share: share, "a.txt", ["one"])
    #expect(recovered.file.state == .indexed && recovered.file.reason == nil && recovered.file.attempts == 0)
    #expect(try store.verify() == [])
  }

  @Test("A file of which nothing could be read is visible to nobody but an administrator")
  func unknownAttributes() throws {
    let outcome = FileOutcome(
      share: share, path: "secret", attributes: nil, contentHash: nil, readAt: 5, state: .failed, reason: "unreadable")
    let row = try store.record(outcome: outcome, finishing: nil).file
    #expect(row.attributes == .unknown)
    let rule = AccessRule(row.attributes)
    #expect(!rule.allows(.read, to: Credentials(userID: 1000, groupID: 0, groups: [])))
  }

  @Test("An outcome cannot say that the file is indexed")
  func indexedOutcome() throws {
    let outcome = FileOutcome(
      share: share, path: "a", attributes: nil, contentHash: nil, readAt: 5, state: .indexed, reason: "")
    #expect(throws: StoreError.self) { try store.record(outcome: outcome, finishing: nil) }
  }

  @Test("New attributes change nothing else, and of an unknown file nothing")
  func attributes() throws {
    let before = try fixture.commit(share: share, "a.txt", ["one"])
    let changed = StoreFixture.attributes(size: 4, mode: 0o600)
    let job = try claim("a.txt")
    let after = try #require(
      try store.update(attributes: changed, share: share, path: "a.txt", finishing: job))
    #expect(after.attributes == changed)
    #expect(after.contentHash == before.file.contentHash && after.passages == 1)
    let other = try claim("b.txt")
    #expect(try store.update(attributes: changed, share: share, path: "b.txt", finishing: other) == nil)
    #expect(try store.pendingJobs() == 0)
  }

  @Test("Removing a directory takes what is below it and not what merely begins like it")
  func removeAll() throws {
    for path: FilePath in ["dir/a", "dir/sub/b", "dir-c", "dir0", "dir", "dia"] {
      try fixture.commit(share: share, path, ["text of \(path)"])
    }
    let other = try fixture.share("other")
    try fixture.commit(share: other, "dir/a", ["elsewhere"])
    try store.putDirectories(
      ["/srv/documents/dir", "/srv/documents/dir/sub", "/srv/documents/dir-c"].map {
        DirectoryRow(share: share, path: $0, attributes: .unknown)
      })
    let removed = try store.removeAll(share: share, under: "dir")
    #expect(removed.files.count == 3 && removed.passages.count == 3)
    #expect(try store.files(share: share, under: "").map(\.path) == ["dia", "dir-c", "dir0"])
    #expect(try store.files(share: other, under: "").count == 1)
    #expect(try store.directories().map(\.path) == ["/srv/documents/dir-c"])
    #expect(try store.removeAll(share: share, under: "").files.count == 3)
    #expect(try store.verify() == [])
  }

  @Test("A NUL in a text is kept as one scalar, so that offsets stay true")
  func nul() throws {
    let committed = try fixture.commit(share: share, "a.txt", ["before\0after"])
    #expect(try store.passages(ofFile: committed.file.id)[0].text == "before\u{FFFD}after")
    #expect(try store.keywordMatches("after", limit: 1) { _ in true }.count == 1)
    #expect(try fixture.commit(share: share, "a.txt", ["before\0after"]).added.isEmpty)
    #expect(try store.verify() == [])
  }

  @Test("A share that does not exist is an error that names it")
  func unknownShare() throws {
    #expect(throws: StoreError.unknownShare(99)) { try fixture.commit(share: 99, "a", ["x"]) }
    #expect(throws: StoreError.unknownShare(99)) {
      try store.enqueue([JobRequest(share: 99, path: "a", cause: .look, notBefore: 0)])
    }
    #expect(throws: StoreError.unknownShare(99)) { try store.raiseEpoch(of: 99) }
    #expect(throws: StoreError.unknownShare(99)) { try store.removeShare(99) }
  }

  @Test("Counts follow every change")
  func counts() throws {
    let other = try fixture.share("other")
    try fixture.commit(share: share, "a", ["1", "2", "3"])
    try fixture.commit(share: share, "b", ["4"])
    for (path, state) in [("c", FileState.failed), ("d", .skipped), ("e", .quarantined)] {
      _ = try store.record(
        outcome: FileOutcome(
          share: share, path: FilePath(path), attributes: nil, contentHash: nil, readAt: 0, state: state, reason: "r"),
        finishing: nil)
    }
    try store.enqueue([JobRequest(share: share, path: "f", cause: .look, notBefore: 0)])
    var expected = FileCounts()
    (expected.indexed, expected.failed, expected.skipped, expected.quarantined) = (2, 1, 1, 1)
    (expected.waiting, expected.passages) = (1, 4)
    #expect(try store.counts() == [share: expected, other: FileCounts()])
    try fixture.commit(share: share, "c", ["5"])
    try fixture.commit(share: share, "a", ["1"])
    _ = try store.remove(share: share, path: "b", finishing: nil)
    (expected.indexed, expected.failed, expected.passages) = (2, 0, 2)
    #expect(try store.counts()[share] == expected)
    #expect(try store.verify() == [])
  }

  @Test("Pages filter by share, state, place and pattern, and go on where they ended")
  func pages() throws {
    let other = try fixture.share("other")
    for path: FilePath in ["a/1.md", "a/2.txt", "b/3.md", "b/c/4.md"] { try fixture.commit(share: share, path, ["t"]) }
    try fixture.commit(share: other, "a/5.md", ["t"])
    _ = try store.record(
      outcome: FileOutcome(
        share: other, path: "a/6.md", attributes: nil, contentHash: nil, readAt: 0, state: .failed, reason: "r"),
      finishing: nil)
    let paths = { (filter: FileFilter) in try store.page(of: filter, after: nil, limit: 100).map(\.path) }
    #expect(try paths(FileFilter()).count == 6)
    #expect(try paths(FileFilter(shares: [other])) == ["a/5.md", "a/6.md"])
    #expect(try paths(FileFilter(shares: [])) == [])
    #expect(try paths(FileFilter(states: [.failed])) == ["a/6.md"])
    #expect(try paths(FileFilter(shares: [share], under: "b")) == ["b/3.md", "b/c/4.md"])
    #expect(try paths(FileFilter(under: "a/1.md")) == ["a/1.md"])
    #expect(try paths(FileFilter(glob: PathGlob("**/*.md"))).count == 5)
    #expect(try paths(FileFilter(under: "b", glob: PathGlob("*/*.md"))) == ["b/3.md"])
    var seen: [FilePath] = []
    var cursor: Int64?
    while true {
      let page = try store.page(of: FileFilter(glob: PathGlob("**.md")), after: cursor, limit: 2)
      guard let last = page.last else { break }
      cursor = last.id
      seen += page.map(\.path)
    }
    #expect(seen == ["a/1.md", "b/3.md", "b/c/4.md", "a/5.md", "a/6.md"])
  }

  private func claim(_ path: FilePath) throws -> Job {
    try store.enqueue([JobRequest(share: share, path: path, cause: .content, notBefore: 0)])
    return try #require(try store.claimJobs(limit: 1, now: 1).first)
  }
}
