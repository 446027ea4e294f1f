import LinuxSystem
import PassageStore
import SystemPackage
import Testing

@Suite("Shares and directories")
struct ShareTests {
  let fixture: StoreFixture
  let store: PassageStore

  init() throws {
    fixture = try StoreFixture()
    store = fixture.store
  }

  @Test("A share keeps its id and epoch; a root that changed raises the epoch")
  func register() throws {
    let first = try store.register(share: "documents", root: "/srv/a", device: .max)
    #expect(first.epoch == 0 && first.device == .max && first.root == "/srv/a" && first.name == "documents")
    #expect(try store.register(share: "documents", root: "/srv/a", device: .max) == first)
    #expect(try store.raiseEpoch(of: first.id) == 1)
    let moved = try store.register(share: "documents", root: "/srv/b", device: 3)
    #expect(moved.id == first.id && moved.epoch == 2 && moved.root == "/srv/b" && moved.device == 3)
    #expect(try store.shares() == [moved])
  }

  @Test("Removing a share takes its files, jobs, texts and directories, and leaves those that others need")
  func remove() throws {
    let outer = try store.register(share: "outer", root: "/srv/all", device: 1).id
    let inner = try store.register(share: "inner", root: "/srv/all/deep/inner", device: 1).id
    try fixture.commit(share: outer, "a", ["only outer", "both"])
    try fixture.commit(share: inner, "b", ["both"])
    try store.enqueue([JobRequest(share: outer, path: "c", cause: .look, notBefore: 0)])
    try store.putDirectories([
      DirectoryRow(share: nil, path: "/", attributes: .unknown),
      DirectoryRow(share: nil, path: "/srv", attributes: .unknown),
      DirectoryRow(share: outer, path: "/srv/all", attributes: .unknown),
      DirectoryRow(share: outer, path: "/srv/all/deep", attributes: .unknown),
      DirectoryRow(share: outer, path: "/srv/all/deep/inner/x", attributes: .unknown),
      DirectoryRow(share: outer, path: "/srv/all/other", attributes: .unknown),
    ])
    try store.removeShare(outer)
    #expect(try store.shares().map(\.id) == [inner])
    #expect(try store.pendingJobs() == 0)
    #expect(Array(try store.counts().keys) == [inner])
    #expect(
      try store.directories().map(\.path) == ["/", "/srv", "/srv/all", "/srv/all/deep", "/srv/all/deep/inner/x"])
    #expect(try store.directories().map(\.share) == [nil, nil, nil, nil, inner])
    #expect(try store.keywordMatches("only", limit: 9) { _ in true }.isEmpty)
    #expect(try store.keywordMatches("both", limit: 9) { _ in true }.count == 1)
    #expect(try store.verify() == [])
    try store.removeShare(inner)
    #expect(try store.directories().isEmpty)
    #expect(try store.verify() == [])
  }

  @Test("A directory's attributes are replaced, and a subtree is removed with its top")
  func directories() throws {
    let share = try fixture.share()
    let old = StoreFixture.attributes(mode: 0o755)
    let new = StoreFixture.attributes(mode: 0o700)
    try store.putDirectories(
      ["/a", "/a/b", "/a/b/c", "/a/b-", "/ab"].map { DirectoryRow(share: share, path: $0, attributes: old) })
    try store.putDirectories([DirectoryRow(share: nil, path: "/a", attributes: new)])
    #expect(try store.directories().first == DirectoryRow(share: nil, path: "/a", attributes: new))
    try store.removeDirectories(under: "/a/b")
    #expect(try store.directories().map(\.path) == ["/a", "/a/b-", "/ab"])
    try store.removeDirectories(under: "/")
    #expect(try store.directories().isEmpty)
  }
}
