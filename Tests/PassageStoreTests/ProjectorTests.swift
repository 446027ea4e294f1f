import LinuxSystem
import PassageStore
import SystemPackage
import Testing

@Suite("Vectors and projectors")
struct ProjectorTests {
  let fixture: StoreFixture
  let store: PassageStore
  let share: Int64

  init() throws {
    fixture = try StoreFixture()
    store = fixture.store
    share = try fixture.share()
  }

  @Test("Vectors come back as they were stored, by key and by id")
  func vectors() throws {
    let values: [Int8] = [-128, -127, -1, 0, 1, 127]
    let vector = NewVector(key: StoreFixture.key("x"), values: values, scale: 0.123456789)
    let added = try store.commit(StoreFixture.file(share: share, "a", ["x"], vectors: [vector]), finishing: nil).added
    let known = try store.known([vector.key, StoreFixture.key("unknown"), vector.key])
    #expect(known.count == 1)
    let stored = try #require(known[vector.key])
    #expect(stored.values == values && stored.scale == 0.123456789 && stored.key == vector.key)
    #expect(stored.id == added[0].vectorID)
    #expect(try store.sourceVectors([stored.id, stored.id + 1]) == [stored.id: stored])
  }

  @Test("An unused vector stays until it is collected, and an edit that is undone finds it")
  func collection() throws {
    try fixture.commit(share: share, "a", ["one", "two", "three"])
    try fixture.commit(share: share, "a", ["one"])
    #expect(try store.known([StoreFixture.key("two"), StoreFixture.key("three")]).count == 2)
    _ = try store.commit(StoreFixture.file(share: share, "a", ["one", "two"], vectors: []), finishing: nil)
    #expect(try store.collectUnusedVectors(limit: 1) == 1)
    #expect(try store.collectUnusedVectors(limit: 10) == 0)
    #expect(try store.known(["one", "two", "three"].map { StoreFixture.key($0) }).count == 2)
    #expect(try store.verify() == [])
  }

  @Test("Samples are the same for a seed, have no repetition, and see only what is in use, of one model or any")
  func samples() throws {
    try fixture.commit(share: share, "a", (0..<100).map { "text \($0)" })
    var other = StoreFixture.file(share: share, "b", ["other model"])
    other.model = SHA256Digest(of: Array("another".utf8))
    _ = try store.commit(other, finishing: nil)
    try fixture.commit(share: share, "c", ["gone"])
    _ = try store.remove(share: share, path: "c", finishing: nil)
    let sample = try store.sampleVectors(limit: 20, seed: 1)
    #expect(sample.count == 20 && Set(sample.map(\.id)).count == 20)
    #expect(sample == (try store.sampleVectors(limit: 20, seed: 1)))
    #expect(sample != (try store.sampleVectors(limit: 20, seed: 2)))
    #expect(try store.sampleVectors(limit: 1000, seed: 1).count == 101)
    #expect(try store.sampleVectors(limit: 1000, seed: 1, model: StoreFixture.model).count == 100)
    #expect(try store.sampleVectors(limit: 0, seed: 1).isEmpty)
    try fixture.commit(share: share, "copy", ["text 7", "text 7"])
    let passages = try store.passages(ofVectors: sample.map(\.id) + [.max])
    #expect(passages.count == 20)
    #expect(sample.allSatisfy { passages[$0.id].map { StoreFixture.key($0.text) } == $0.key })
    #expect(passages.values.allSatisfy { $0.text == "text \($0.ordinal)" }, "of copies the first")
    var seen: [Int64] = []
    try store.forEachVector(batch: 7, model: StoreFixture.model) { batch in
      seen += batch.map(\.id)
      _ = try store.known(batch.map(\.key))
    }
    #expect(seen.count == 100 && seen == seen.sorted())
  }

  @Test("A vector's text is kept where it was stored first; one that no passage uses is kept nowhere")
  func origins() throws {
    let first = try fixture.commit(share: share, "a/one", ["x", "y"])
    try fixture.commit(share: share, "b/two", ["y", "z"])
    try fixture.commit(share: share, "c", ["gone"])
    let gone = try #require(try store.known([StoreFixture.key("gone")]).values.first)
    _ = try store.remove(share: share, path: "c", finishing: nil)
    let vectors = try store.known(["x", "y", "z"].map { StoreFixture.key($0) })
    let origins = try store.origins(ofVectors: vectors.values.map(\.id) + [gone.id, 9999])
    #expect(origins.count == 3)
    let found = ["x", "y", "z"].map { origins[vectors[StoreFixture.key($0)]!.id]! }
    #expect(found.map(\.path) == ["a/one", "a/one", "b/two"])
    #expect(found.allSatisfy { $0.share == share } && found[0].file == first.file.id)
  }

  @Test("Activation retires the one before, in one step, and back")
  func lifecycle() throws {
    let first = try store.insertProjector(StoreFixture.projector("pca-whitened"))
    #expect(first.version == 1 && first.state == .candidate && first.seed == .max && first.model == StoreFixture.model)
    #expect(try store.activeProjector() == nil)
    #expect(try store.activate(first.id).state == .active)
    var new = StoreFixture.projector()
    new.parent = first.id
    let second = try store.insertProjector(new)
    #expect(second.version == 2 && second.parent == first.id)
    #expect(try store.setState(of: second.id, to: .shadow).state == .shadow)
    #expect(try store.setState(of: second.id, to: .canary).state == .canary)
    #expect(try store.setProfile(of: second.id, to: #"{"ndcg":1}"#).profile == #"{"ndcg":1}"#)
    try store.activate(second.id)
    #expect(try store.projectors().map(\.state) == [.retired, .active])
    try store.activate(first.id)
    #expect(try store.projectors().map(\.state) == [.active, .retired])
    #expect(try store.activeProjector()?.id == first.id)
    #expect(try store.encodedProjector(first.id) == StoreFixture.projector().encoded)
  }

  @Test("What cannot follow is refused and says so")
  func refused() throws {
    let rejected = try store.insertProjector(StoreFixture.projector(state: .rejected))
    #expect(throws: StoreError.impossibleTransition(projector: rejected.id, from: .rejected, to: .active)) {
      try store.activate(rejected.id)
    }
    let candidate = try store.insertProjector(StoreFixture.projector())
    #expect(throws: StoreError.impossibleTransition(projector: candidate.id, from: .candidate, to: .active)) {
      try store.setState(of: candidate.id, to: .active)
    }
    #expect(try store.setState(of: candidate.id, to: .rejected, reason: "loses to PCA").reason == "loses to PCA")
    #expect(throws: StoreError.unknownProjector(99)) { try store.activate(99) }
    #expect(throws: StoreError.unknownProjector(99)) { try store.encodedProjector(99) }
    #expect(throws: StoreError.unknownProjector(99)) { try store.putCodes(projector: 99, []) }
    #expect(throws: StoreError.self) { try store.insertProjector(StoreFixture.projector(state: .active)) }
  }

  @Test("Codes come with their passages, a copy's too, and go with their projector")
  func codes() throws {
    let projector = try store.insertProjector(StoreFixture.projector()).id
    let codes = NewCodes(projector: projector, bytes: [StoreFixture.key("x"): [7, 0, 255]])
    let file = StoreFixture.file(share: share, "a", ["x", "y"], codes: codes)
    let first = try store.commit(file, finishing: nil)
    let copy = try store.commit(StoreFixture.file(share: share, "b", ["x"], vectors: []), finishing: nil)
    var loaded: [Int64: [UInt8]] = [:]
    let load = {
      loaded = [:]
      try store.loadPassages(projector: projector) { loaded[$0.passageID] = Array($0.bytes) }
    }
    try load()
    #expect(loaded == [first.added[0].passageID: [7, 0, 255], copy.added[0].passageID: [7, 0, 255]])
    let without = try store.vectorsWithoutCode(projector: projector, limit: 10)
    #expect(without.map(\.id) == [first.added[1].vectorID])
    #expect(try store.vectorsWithoutCode(projector: projector, after: without[0].id, limit: 10).isEmpty)
    try store.putCodes(
      projector: projector, [(vectorID: without[0].id, bytes: [1, 2, 3]), (vectorID: 999, bytes: [1, 2, 3])])
    #expect(try store.vectorsWithoutCode(projector: projector, limit: 10).isEmpty)
    try load()
    #expect(loaded.count == 3)
    #expect(try store.verify() == [])
    // Passages whose vectors are older than those before them, and newer than those behind.
    let third = StoreFixture.file(
      share: share, "c", ["z", "y", "x", "z"],
      codes: NewCodes(projector: projector, bytes: [StoreFixture.key("z"): [4, 4, 4]]))
    let mixed = try store.commit(third, finishing: nil)
    try load()
    #expect(mixed.added.map { loaded[$0.passageID] } == [[4, 4, 4], [1, 2, 3], [7, 0, 255], [4, 4, 4]])
    #expect(loaded.count == 7)
    try store.dropCodes(projector: projector)
    try load()
    #expect(loaded.isEmpty)
  }

  @Test("Source vectors are loaded with their scale, files with all that permissions need")
  func loading() throws {
    let committed = try fixture.commit(share: share, oddPath, ["x", "y"])
    var rows: [(Int64, Int64, Int64, [Int8], Float)] = []
    try store.loadPassages(projector: nil) { row in
      rows.append((row.passageID, row.fileID, row.vectorID, row.bytes.map { Int8(bitPattern: $0) }, row.scale))
    }
    #expect(rows.map(\.0) == committed.added.map(\.passageID))
    #expect(rows.map(\.1) == [committed.file.id, committed.file.id])
    #expect(rows.map(\.2) == committed.added.map(\.vectorID))
    #expect(rows.map(\.3) == [StoreFixture.vector("x").values, StoreFixture.vector("y").values])
    #expect(rows.map(\.4) == [0.0078125, 0.0078125])
    var attributes = StoreFixture.attributes()
    attributes.acl = [1, 2, 3]
    _ = try store.update(attributes: attributes, share: share, path: oddPath, finishing: nil)
    var files: [LoadedFile] = []
    try store.loadFiles { files.append($0) }
    #expect(files.count == 1)
    #expect(files[0].id == committed.file.id && files[0].share == share && files[0].path == oddPath)
    #expect(files[0].attributes == attributes && files[0].state == .indexed)
  }

  @Test("What a body throws passes as it is, and the store goes on")
  func throwingBodies() throws {
    struct Mine: Error {}
    try fixture.commit(share: share, "a", ["x", "y"])
    #expect(throws: Mine.self) { try store.loadPassages(projector: nil) { _ in throw Mine() } }
    #expect(throws: Mine.self) { try store.loadFiles { _ in throw Mine() } }
    #expect(throws: Mine.self) { try store.forEachVector(batch: 1) { _ in throw Mine() } }
    var count = 0
    try store.loadPassages(projector: nil) { _ in count += 1 }
    #expect(count == 2)
  }
}
