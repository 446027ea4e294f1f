import LinuxSystem
import PassageStore
import SystemPackage
import Testing

@Suite("Moves")
struct MoveTests {
  let fixture: StoreFixture
  let store: PassageStore
  let share: Int64

  init() throws {
    fixture = try StoreFixture()
    store = fixture.store
    share = try fixture.share()
  }

  private func paths() throws -> [FilePath] { try store.files(share: share, under: "").map(\.path) }

  @Test("A file's move keeps its id and passages and replaces the target")
  func file() throws {
    let moved = try fixture.commit(share: share, "a.txt", ["one"])
    let target = try fixture.commit(share: share, "b.txt", ["two"])
    let result = try store.move(share: share, from: "a.txt", to: "b.txt", directory: false)
    #expect(result.files.map(\.id) == [moved.file.id])
    #expect(result.files.map(\.path) == ["b.txt"])
    #expect(result.replaced.files == [target.file.id])
    #expect(result.replaced.passages == target.added.map(\.passageID))
    #expect(try store.passages(ofFile: moved.file.id).map(\.id) == moved.added.map(\.passageID))
    #expect(try paths() == ["b.txt"])
    #expect(try store.verify() == [])
  }

  @Test("A directory's move takes all below it, whatever bytes the names have, and nothing beside it")
  func directory() throws {
    let from = FilePath(bytes: [0x61, 0x25, 0x5F, 0xFF])  // a%_ and a byte that is no UTF-8
    let to: FilePath = "new/_%"
    let beside: [[UInt8]] = [
      [0x61, 0x25, 0x5F], [0x61, 0x25, 0x5F, 0xFF, 0x2D], [0x61, 0x25, 0x5F, 0xFF, 0xFF],
      [0x61, 0x25, 0x5F, 0xFF, 0x30],
      [0x61, 0x58, 0x59, 0xFF], [0xFF, 0xFF],
    ]
    let inside: [[UInt8]] = [[0x62], [0xFF, 0xFE, 0x2F, 0xE6, 0x96], [0x25], [0xE6, 0x96, 0x87, 0x2F, 0x5F]]
    for bytes in beside { try fixture.commit(share: share, FilePath(bytes: bytes + [0x2F, 0x78]), ["\(bytes)"]) }
    var ids: [Int64] = []
    for bytes in inside {
      ids.append(try fixture.commit(share: share, FilePath(bytes: from.bytes + [0x2F] + bytes), ["\(bytes)"]).file.id)
    }
    let other = try fixture.share("other")
    try fixture.commit(share: other, FilePath(bytes: from.bytes + [0x2F, 0x62]), ["other"])
    let root: FilePath = "/srv/documents"
    try store.putDirectories(
      [root, root.pushing(from), FilePath(bytes: root.pushing(from).bytes + [0x2F, 0xFF]), root.appending("new")].map {
        DirectoryRow(share: share, path: $0, attributes: StoreFixture.attributes())
      })
    let result = try store.move(share: share, from: from, to: to, directory: true)
    #expect(Set(result.files.map(\.id)) == Set(ids))
    #expect(Set(result.files.map(\.path.bytes)) == Set(inside.map { to.bytes + [0x2F] + $0 }))
    #expect(try store.files(share: share, under: from).isEmpty)
    #expect(try paths().count == beside.count + inside.count)
    #expect(try store.files(share: other, under: from).count == 1)
    #expect(
      try store.directories().map(\.path.bytes)
        == [root.bytes, root.appending("new").bytes, root.pushing(to).bytes, root.pushing(to).bytes + [0x2F, 0xFF]])
    for bytes in inside {
      #expect(try store.file(share: share, path: FilePath(bytes: to.bytes + [0x2F] + bytes)) != nil)
    }
    #expect(try store.verify() == [])
  }

  @Test("A directory's move replaces what the store still has at the target")
  func directoryOverLeftovers() throws {
    try fixture.commit(share: share, "from/a", ["new"])
    let old = try fixture.commit(share: share, "to/a", ["old"])
    let gone = try fixture.commit(share: share, "to/deep/b", ["older"])
    let result = try store.move(share: share, from: "from", to: "to", directory: true)
    #expect(Set(result.replaced.files) == [old.file.id, gone.file.id])
    #expect(try paths() == ["to/a"])
    #expect(try store.verify() == [])
  }

  @Test("What is pending below a moved directory is pending at both places, and work under way is done again")
  func pending() throws {
    try store.enqueue(
      ["dir/claimed", "dir/sub/waiting", "dirx"].map {
        JobRequest(share: share, path: $0, cause: .content, notBefore: 5)
      })
    try store.enqueue([JobRequest(share: share, path: "new/sub/waiting", cause: .crawl, notBefore: 9)])
    let claimed = try #require(try store.claimJobs(limit: 1, now: 5).first)
    try store.recordAttempt(claimed)
    _ = try store.move(share: share, from: "dir", to: "new", directory: true)
    // The worker knows nothing of the move and stores the file at the old path.
    try fixture.commit(share: share, "dir/claimed", ["text"], finishing: claimed)
    let jobs = try store.pendingJobs(share: share, after: nil, limit: 99)
    #expect(
      Set(jobs.map(\.path)) == ["dir/claimed", "dir/sub/waiting", "dirx", "new/claimed", "new/sub/waiting"])
    #expect(jobs.first { $0.path == "new/claimed" }?.attempts == 1)
    #expect(jobs.first { $0.path == "new/sub/waiting" }?.cause == .content)
    #expect(try store.claimJobs(limit: 99, now: 9).count == 5)
    #expect(try store.verify() == [])
  }

  @Test("A move into itself, above itself, or of the root is refused")
  func impossible() throws {
    try fixture.commit(share: share, "a/b", ["one"])
    for (from, to) in [("a", "a/b/c"), ("a/b", "a"), ("", "a"), ("a", "")] as [(FilePath, FilePath)] {
      #expect(throws: StoreError.self) { try store.move(share: share, from: from, to: to, directory: true) }
    }
    #expect(try store.move(share: share, from: "a", to: "a", directory: true).files.count == 1)
    #expect(try paths() == ["a/b"])
  }

  @Test("Files come in the order of their paths' bytes, those of a directory and no others")
  func order() throws {
    let names: [[UInt8]] = [
      [0x64], [0x64, 0x2F, 0x61], [0x64, 0x2F, 0xFF], [0x64, 0x2D], [0x64, 0x30], [0x44], [0xFF],
    ]
    for name in names { try fixture.commit(share: share, FilePath(bytes: name), ["\(name)"]) }
    #expect(try paths().map(\.bytes) == names.sorted { $0.lexicographicallyPrecedes($1) })
    #expect(
      try store.files(share: share, under: "d").map(\.path.bytes) == [[0x64], [0x64, 0x2F, 0x61], [0x64, 0x2F, 0xFF]])
    #expect(try store.files(share: share, under: "x").isEmpty)
  }
}
