import LinuxSystem
import PassageStore
import SystemPackage
import Testing

@Suite("Looking into a store that a daemon has open")
struct StoredSampleTests {
  private let fixture: StoreFixture

  init() throws { fixture = try StoreFixture() }

  private func fill() throws {
    let share = try fixture.share()
    for number in 0..<6 {
      let texts = (0..<5).map { "text \(number) \($0)" } + ["the same everywhere"]
      _ = try fixture.store.commit(
        StoreFixture.file(
          share: share, FilePath("folder\(number / 3)/file\(number)"), texts, heading: "heading \(number)"),
        finishing: nil)
    }
  }

  @Test func `one of each text comes with its vector, its heading and its folder, and the counts are of all`() throws {
    try fill()
    let sample = try StoredSample(at: fixture.database, limit: 1_000, seed: 1)
    #expect(sample.total == 36 && sample.files == 6 && sample.shares == ["documents"])
    #expect(sample.model.hash == StoreFixture.model)
    #expect(sample.passages.count == 31)
    for passage in sample.passages {
      #expect(passage.values == StoreFixture.vector(passage.text).values)
      guard passage.text.hasPrefix("text "), let number = Int(passage.text.split(separator: " ")[1]) else { continue }
      #expect(passage.heading == "heading \(number)" && passage.folder == "documents/folder\(number / 3)")
    }
    #expect(sample.bytesPerPassage > 100)
    let passage = try #require(try fixture.store.passages(ofFile: 1).first)
    let questions = (0..<500).map {
      NewQuestion(passage: passage, vector: StoreFixture.vector("question \($0)", dimensions: 384))
    }
    try fixture.store.keep(questions, of: StoreFixture.model)
    // What training left is not what a passage takes; half a page more or less is.
    let after = try StoredSample(at: fixture.database, limit: 1_000, seed: 1).bytesPerPassage
    #expect(abs(after - sample.bytesPerPassage) < 2000, "\(sample.bytesPerPassage) and then \(after)")
  }

  @Test func `the same seed chooses the same, another one others, and what is committed later is not in it`() throws {
    try fill()
    let first = try StoredSample(at: fixture.database, limit: 10, seed: 1)
    #expect(first.passages.count == 10)
    #expect(try StoredSample(at: fixture.database, limit: 10, seed: 1).passages == first.passages)
    #expect(try StoredSample(at: fixture.database, limit: 10, seed: 2).passages != first.passages)
    try fixture.commit(share: try fixture.share(), "more", ["one more"])
    #expect(first.total == 36)
    #expect(try StoredSample(at: fixture.database, limit: 10, seed: 1).total == 37)
  }

  @Test func `an empty store, another model and no store at all are told apart`() throws {
    #expect {
      try StoredSample(at: fixture.database, limit: 10, seed: 1)
    } throws: { "\($0)".contains("is anything indexed?") }
    try fill()
    let other = SHA256Digest(of: Array("another".utf8))
    #expect {
      try StoredSample(at: fixture.database, limit: 10, seed: 1, model: other)
    } throws: { "\($0)".contains("none of model \(other)") && "\($0)".contains("\(StoreFixture.model)") }
    #expect {
      try StoredSample(at: fixture.directory.appending("nothing.db"), limit: 10, seed: 1)
    } throws: {
      guard case StoreError.system(let error) = $0 else { return false }
      return error.code == .noSuchFileOrDirectory
    }
  }
}
