import GRDB
import LinuxSystem
import SystemPackage
import Testing

@testable import PassageStore

@Suite("Questions of trainings")
struct QuestionTests {
  private let fixture: StoreFixture
  private let store: PassageStore
  private let share: Int64

  init() throws {
    fixture = try StoreFixture()
    store = fixture.store
    share = try fixture.share()
  }

  /// Commits a file and keeps a question for each of its passages: its text with a question mark.
  @discardableResult
  private func ask(
    _ path: FilePath, _ texts: [String], heading: String? = nil
  ) throws -> [PassageDetail] {
    let file = try store.commit(
      StoreFixture.file(share: share, path, texts, heading: heading), finishing: nil
    ).file
    let passages = try store.passages(ofFile: file.id)
    try store.keep(
      passages.map { NewQuestion(passage: $0, vector: StoreFixture.vector("\($0.text)?")) }, of: StoreFixture.model)
    return passages
  }

  private func kept(_ texts: [String]) throws -> [String] {
    let known = try store.questions(texts.map { StoreFixture.key("\($0)?") })
    return texts.filter { known[StoreFixture.key("\($0)?")] == StoreFixture.vector("\($0)?") }
  }

  @Test("They come back as they were kept, and are neither passages nor vectors of any")
  func keeping() throws {
    try ask("a", ["one", "two"])
    try ask("a", ["one", "two"])
    #expect(try kept(["one", "two", "three"]) == ["one", "two"])
    #expect(try store.countQuestions() == 2)
    #expect(try store.counts().values.reduce(0) { $0 + $1.passages } == 2)
    #expect(try store.sampleVectors(limit: 10, seed: 1).count == 2)
    #expect(try store.known([StoreFixture.key("one?")]).isEmpty)
    #expect(try store.verify() == [])
  }

  @Test("A question goes with its passage, in the same transaction; those of passages that stay are kept")
  func removal() throws {
    try ask("a", ["one", "two", "three"])
    try ask("b", ["four"])
    try fixture.commit(share: share, "a", ["zero", "three", "one"])
    #expect(try kept(["one", "two", "three", "four"]) == ["one", "three", "four"])
    _ = try store.remove(share: share, path: "b", finishing: nil)
    #expect(try kept(["one", "two", "three", "four"]) == ["one", "three"])
    _ = try store.removeAll(share: share, under: "")
    #expect(try store.countQuestions() == 0)
    #expect(try store.verify() == [])
  }

  @Test("A question goes when its passage has another heading or another model's vector")
  func changes() throws {
    try ask("a", ["one", "two"], heading: "before")
    _ = try store.commit(StoreFixture.file(share: share, "a", ["one", "two"], heading: "before"), finishing: nil)
    #expect(try store.countQuestions() == 2)
    _ = try store.commit(StoreFixture.file(share: share, "a", ["one", "two"], heading: "after"), finishing: nil)
    #expect(try store.countQuestions() == 0)
    let next = SHA256Digest(of: Array("next".utf8))
    try ask("a", ["one", "two"], heading: "after")
    let vectors = ["one", "two"].map {
      NewVector(key: PassageKey.of($0, model: next), values: [1, 2], scale: 1)
    }
    try store.put(vectors, of: next, codes: nil)
    #expect(try store.changeOver(share: share, to: next, wholly: true) == 0)
    #expect(try store.countQuestions() == 0)
    #expect(try store.verify() == [])
  }

  @Test("No question is kept of a passage that changed or went while it was encoded")
  func races() throws {
    let passages = try ask("a", ["one", "two"], heading: "before")
    try store.dropOldQuestions(of: StoreFixture.model, keeping: 0)
    #expect(try store.countQuestions() == 0)
    _ = try store.commit(StoreFixture.file(share: share, "a", ["one"], heading: "after"), finishing: nil)
    let questions = passages.map { NewQuestion(passage: $0, vector: StoreFixture.vector("\($0.text)?")) }
    try store.keep(questions, of: StoreFixture.model)
    #expect(try store.countQuestions() == 0)
    let now = try store.passages(ofFile: passages[0].fileID)
    try store.keep(
      [NewQuestion(passage: now[0], vector: questions[0].vector)], of: SHA256Digest(of: [1]))
    #expect(try store.countQuestions() == 0, "of another model than the passage's vector")
  }

  @Test("The oldest of a model go, those of other models stay")
  func oldest() throws {
    var other = StoreFixture.file(share: share, "other", ["six"])
    other.model = SHA256Digest(of: Array("another".utf8))
    let file = try store.commit(other, finishing: nil).file
    let question = NewQuestion(passage: try store.passages(ofFile: file.id)[0], vector: StoreFixture.vector("six?"))
    try store.keep([question], of: other.model)
    try ask("a", ["one", "two", "three"])
    try ask("b", ["four", "five"])
    let all = ["one", "two", "three", "four", "five", "six"]
    try store.dropOldQuestions(of: StoreFixture.model, keeping: 5)
    #expect(try kept(all) == all)
    try store.dropOldQuestions(of: StoreFixture.model, keeping: 3)
    #expect(try kept(all) == ["three", "four", "five", "six"])
    try store.dropOldQuestions(of: StoreFixture.model, keeping: 0)
    #expect(try kept(all) == ["six"])
  }

  @Test("A database of version 2 keeps what it has and can keep questions")
  func migration() throws {
    let directory = try StoreFixture.temporaryDirectory()
    defer { StoreFixture.delete(directory) }
    let path = directory.appending("fumikura.db")
    do {
      let pool = try DatabasePool(path: path.string, configuration: StoreOpening.configuration())
      try Schema.migrator.migrate(pool, upTo: "2")
      try pool.close()
    }
    let store = try PassageStore(at: path)
    let share = try store.register(share: "documents", root: "/srv/documents", device: 7).id
    let file = try store.commit(StoreFixture.file(share: share, "a", ["one"]), finishing: nil).file
    let question = NewQuestion(
      passage: try store.passages(ofFile: file.id)[0], vector: StoreFixture.vector("one?"))
    try store.keep([question], of: StoreFixture.model)
    #expect(try store.countQuestions() == 1)
    #expect(try store.verify() == [])
  }

  @Test("Verifying finds a question of another model than its passage's")
  func contradiction() throws {
    try ask("a", ["one"])
    try store.write { db in
      try db.execute(sql: "INSERT INTO model(hash) VALUES (x'\(String(repeating: "00", count: 32))')")
      try db.execute(sql: "UPDATE question SET model = (SELECT max(id) FROM model)")
    }
    #expect(try store.verify() == ["vectors of questions of another model than their passage's: 1"])
  }
}
