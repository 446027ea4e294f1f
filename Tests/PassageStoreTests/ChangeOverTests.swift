import Foundation
import GRDB
import LinuxSystem
import SystemPackage
import Testing

@testable import PassageStore

@Suite("A share changes over to another model")
struct ChangeOverTests {
  private let fixture: StoreFixture
  private let share: Int64
  private var store: PassageStore { fixture.store }
  private static let next = SHA256Digest(of: Array("another model".utf8))

  init() throws {
    fixture = try StoreFixture()
    share = try fixture.share()
  }

  private static func vector(_ text: String) -> NewVector {
    NewVector(key: PassageKey.of(text, model: next), values: [1, 2, 3, 4], scale: 0.5)
  }

  private func lacking() throws -> [String] {
    try store.passages(of: share, lacking: Self.next, after: 0, limit: 100).map(\.text)
  }

  @Test("its passages lack vectors until all are stored, then take them at once, and the old ones are collected")
  func change() throws {
    try fixture.commit(share: share, "a", ["one", "two", "two"])
    try fixture.commit(share: share, oddPath, ["three \0 and a nul"])
    let other = try fixture.share("other")
    try fixture.commit(share: other, "a", ["one", "elsewhere"])
    _ = try store.setModel(of: share, to: StoreFixture.model)
    #expect(try store.shares().map(\.model) == [StoreFixture.model, nil])
    #expect(try lacking() == ["one", "two", "two", "three \u{FFFD} and a nul"])
    #expect(try store.countPassages(of: share, lacking: Self.next) == 4)
    try store.put([Self.vector("one"), Self.vector("two")], of: Self.next, codes: nil)
    #expect(try lacking() == ["three \u{FFFD} and a nul"])
    // Not before all have one.
    #expect(try store.changeOver(share: share, to: Self.next, wholly: true) == 1)
    #expect(try store.modelsInUse() == [StoreFixture.model: 8])
    #expect(try store.shares().map(\.model) == [StoreFixture.model, nil])
    // Awaited ones stay; and nothing is at odds meanwhile.
    #expect(try store.collectUnusedVectors(limit: 10, keeping: [Self.next]) == 0)
    #expect(try store.verify() == [])
    try store.put(try lacking().map(Self.vector), of: Self.next, codes: nil)
    let before = try store.passages(ofFile: 1)
    #expect(try store.changeOver(share: share, to: Self.next, wholly: true) == 0)
    #expect(try store.shares().map(\.model) == [Self.next, nil])
    let after = try store.passages(ofFile: 1)
    #expect(after.map(\.id) == before.map(\.id) && after.map(\.text) == before.map(\.text))
    #expect(try store.modelsInUse() == [StoreFixture.model: 8, Self.next: 4])
    #expect(try store.verify() == [])
    // "one" is still in the other share by its old vector.
    #expect(try store.collectUnusedVectors(limit: 10, keeping: [Self.next]) == 2)
    var loaded: [Int64] = []
    try store.loadPassages(projector: nil, model: Self.next) { loaded.append($0.passageID) }
    #expect(loaded.count == 4 && loaded == loaded.sorted())
    // Again changes nothing.
    #expect(try store.changeOver(share: share, to: Self.next, wholly: true) == 0)
    #expect(try store.collectUnusedVectors(limit: 10) == 0)
  }

  @Test("part of its passages may go first; vectors that are not wanted any more are collected")
  func parts() throws {
    try fixture.commit(share: share, "a", ["one", "two"])
    try store.put([Self.vector("one"), Self.vector("one")], of: Self.next, codes: nil)
    _ = try store.setModel(of: share, to: nil)
    #expect(try store.changeOver(share: share, to: Self.next, wholly: false) == 1)
    #expect(try store.modelsInUse() == [StoreFixture.model: 8, Self.next: 4])
    #expect(try store.shares().map(\.model) == [nil])
    // Back again: the old one's vector may have been collected.
    #expect(try store.collectUnusedVectors(limit: 10) == 1)
    #expect(try store.countPassages(of: share, lacking: StoreFixture.model) == 1)
    try store.put([StoreFixture.vector("one")], of: StoreFixture.model, codes: nil)
    #expect(try store.changeOver(share: share, to: StoreFixture.model, wholly: true) == 0)
    #expect(try store.collectUnusedVectors(limit: 10, keeping: [StoreFixture.model]) == 1)
    #expect(try store.modelsInUse() == [StoreFixture.model: 8])
    #expect(try store.verify() == [])
    #expect(throws: StoreError.unknownShare(99)) { try store.setModel(of: 99, to: Self.next) }
  }

  @Test("each model has a projector in force of its own, with codes for vectors that no passage uses yet")
  func projectors() throws {
    try fixture.commit(share: share, "a", ["one", "two"])
    let first = try store.insertProjector(StoreFixture.projector())
    var projector = StoreFixture.projector()
    projector.model = Self.next
    let second = try store.insertProjector(projector)
    try store.activate(first.id)
    try store.activate(second.id)
    #expect(try store.projectors().map(\.state) == [.active, .active])
    #expect(try store.activeProjector(of: StoreFixture.model)?.id == first.id)
    #expect(try store.activeProjector(of: Self.next)?.id == second.id)
    let third = try store.insertProjector(projector)
    try store.activate(third.id)
    #expect(try store.projectors().map(\.state) == [.active, .retired, .active])
    let codes = NewCodes(projector: third.id, bytes: [Self.vector("one").key: [5]])
    try store.put([Self.vector("one"), Self.vector("two")], of: Self.next, codes: codes)
    #expect(try store.vectorsWithoutCode(projector: third.id, limit: 10).isEmpty)
    let without = try store.vectorsWithoutCode(projector: third.id, limit: 10, includingUnused: true)
    #expect(without.map(\.key) == [Self.vector("two").key])
    #expect(try store.sampleVectors(limit: 10, seed: 1, model: Self.next).isEmpty)
    #expect(try store.sampleVectors(limit: 10, seed: 1, model: Self.next, includingUnused: true).count == 2)
    let unused = try store.sampleVectors(limit: 10, seed: 1, model: Self.next, includingUnused: true).map(\.id)
    #expect(try store.passages(ofVectors: unused).isEmpty)
  }

  @Test("where a model's file is, is remembered")
  func remembering() throws {
    try store.remember(model: Self.next, name: "next", path: "/m/next.fmodel")
    try fixture.commit(share: share, "a", ["one"])
    try store.remember(model: Self.next, name: "next", path: "/m/moved.fmodel")
    #expect(
      try store.models() == [
        ModelRow(hash: Self.next, name: "next", path: "/m/moved.fmodel"),
        ModelRow(hash: StoreFixture.model, name: nil, path: nil),
      ])
  }

  @Test("a database of version 1 keeps what it has; its shares are of the model that it names")
  func migration() throws {
    let directory = try StoreFixture.temporaryDirectory()
    defer { StoreFixture.delete(directory) }
    let path = directory.appending("fumikura.db")
    do {
      let pool = try DatabasePool(path: path.string, configuration: StoreOpening.configuration())
      try Schema.migrator.migrate(pool, upTo: "1")
      try pool.write { db in
        let hash = StoreFixture.model.description
        try db.execute(
          sql: """
            INSERT INTO share(name, root, dev) VALUES ('old', x'2F73', 1);
            INSERT INTO model(hash) VALUES (x'\(hash)');
            INSERT INTO setting(key, value) VALUES ('model', '\(hash)');
            """)
      }
      try pool.close()
    }
    let store = try PassageStore(at: path)
    #expect(try store.shares().map(\.model) == [StoreFixture.model])
    #expect(try store.setting("model") == nil)
    #expect(try store.verify() == [])
  }
}
