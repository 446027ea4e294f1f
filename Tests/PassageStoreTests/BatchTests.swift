import Foundation
import GRDB
import LinearAlgebra
import LinuxSystem
import SystemPackage
import Testing

@testable import PassageStore

@Suite("Loading by batches")
struct BatchTests {
  private let fixture: StoreFixture
  private let share: Int64
  private var store: PassageStore { fixture.store }

  init() throws {
    fixture = try StoreFixture()
    share = try fixture.share()
  }

  /// Passage, file, vector and bytes, in the order in which they came.
  private typealias Row = (passage: Int64, file: Int64, vector: Int64, bytes: [UInt8])

  private func load(
    projector: Int64?, length: (whole: Int, kept: Int)? = nil, readers: Int, batch: Int64
  ) throws -> [Row] {
    var rows: [Row] = []
    try store.loadBatches(projector: projector, length: length, readers: readers, batch: batch) { batch in
      var start = 0
      for (index, end) in batch.ends.enumerated() {
        rows.append(
          (batch.passageIDs[index], batch.fileIDs[index], batch.vectorIDs[index], Array(batch.bytes[start..<end])))
        start = end
      }
      #expect(start == batch.bytes.count)
    }
    return rows
  }

  /// The same by one statement.
  private func plainRows(projector: Int64) throws -> [Row] {
    try store.read { db in
      try db.rows(
        """
        SELECT passage.id, file, passage.vector, bytes FROM passage
        JOIN code ON code.vector = passage.vector AND projector = ? ORDER BY passage.id
        """, [projector]
      ) { ($0[0], $0[1], $0[2], Array($0[3] as Data)) }
    }
  }

  private func areEqual(_ one: [Row], _ other: [Row]) -> Bool { one.elementsEqual(other) { $0 == $1 } }

  /// Files whose texts come again in others, some of them without codes or with longer ones; some are gone again.
  private func fill(_ random: inout SeededGenerator, files: Int, projectors: [Int64]) throws {
    for number in 0..<files {
      let path = FilePath("\(number % 40)")
      if number % 9 == 8 {
        _ = try store.removeAll(share: share, under: path)
        continue
      }
      let texts = (0..<Int.random(in: 1...12, using: &random)).map { _ in
        Bool.random(using: &random) ? "t\(Int.random(in: 0..<60, using: &random))" : "n\(random.next())"
      }
      let vectors = Dictionary(texts.map { ($0, StoreFixture.vector($0)) }, uniquingKeysWith: { one, _ in one })
      _ = try store.commit(
        StoreFixture.file(share: share, path, texts, vectors: Array(vectors.values)), finishing: nil)
    }
    for projector in projectors {
      var codes: [(vectorID: Int64, bytes: [UInt8])] = []
      for vector in try store.vectorsWithoutCode(projector: projector, limit: .max) {
        let length = [0, 3, 3, 3, 3, 3, 3, 3, 5].randomElement(using: &random)!
        if length > 0 { codes.append((vector.id, (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) })) }
      }
      try store.putCodes(projector: projector, codes)
    }
  }

  @Test(arguments: [UInt64(1), 2])
  func `batches read side by side are the rows that one statement gives`(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let projectors = try (0..<2).map { _ in try store.insertProjector(StoreFixture.projector()).id }
    try fill(&random, files: 60, projectors: projectors)
    for projector in projectors {
      let plain = try plainRows(projector: projector)
      #expect(plain.count > 100)
      for (readers, batch) in [(1, 7), (2, 16), (3, 1), (4, 100_000)] {
        #expect(areEqual(try load(projector: projector, readers: readers, batch: Int64(batch)), plain), "seed \(seed)")
      }
      let short = try load(projector: projector, length: (whole: 3, kept: 2), readers: 2, batch: 20)
      let kept = plain.filter { $0.bytes.count == 3 }.map { row -> Row in
        (row.passage, row.file, row.vector, Array(row.bytes.prefix(2)))
      }
      #expect(areEqual(short, kept))
      #expect(short.count < plain.count)
    }
    let vectors = try load(projector: nil, readers: 2, batch: 16)
    #expect(areEqual(vectors, try load(projector: nil, readers: 1, batch: 1_000_000)))
    #expect(vectors.count > 100)
  }

  @Test func `ids of which most are gone are cut where passages are`() throws {
    try fixture.commit(share: share, "a", (0..<50).map { "a\($0)" })
    try store.write { db in try db.execute(sql: "UPDATE sqlite_sequence SET seq = 4000000000000 WHERE name = 'passage'")
    }
    let late = try fixture.commit(share: share, "b", (0..<50).map { "b\($0)" })
    #expect(late.added[0].passageID > 4_000_000_000_000)
    let rows = try load(projector: nil, readers: 2, batch: 16)
    #expect(rows.count == 100 && rows.last?.passage == late.added.last?.passageID)
    var sizes: [Int] = []
    try store.loadBatches(projector: nil, batch: 16) { sizes.append($0.passageIDs.count) }
    #expect(sizes == [16, 16, 16, 16, 16, 16, 4])
  }

  @Test func `all batches are of the state at the beginning, whatever is committed meanwhile`() throws {
    let texts = (0..<400).map { "t\($0)" }
    try fixture.commit(share: share, "a", Array(texts[..<200]))
    try fixture.commit(share: share, "b", Array(texts[200...]))
    var count = 0
    try store.loadBatches(projector: nil, batch: 8) { batch in
      if count == 0 { _ = try store.removeAll(share: share, under: "b") }
      count += batch.passageIDs.count
    }
    #expect(count == 400)
    #expect(try load(projector: nil, readers: 2, batch: 8).count == 200)
  }

  @Test func `what a body throws ends the reading, and the store goes on`() throws {
    struct Mine: Error {}
    try fixture.commit(share: share, "a", (0..<100).map { "t\($0)" })
    for _ in 0..<20 {
      #expect(throws: Mine.self) { try store.loadBatches(projector: nil, readers: 4, batch: 2) { _ in throw Mine() } }
    }
    #expect(try load(projector: nil, readers: 4, batch: 2).count == 100)
  }

  @Test func `what cannot be read is an error, not a shorter index`() throws {
    try fixture.commit(share: share, "a", (0..<100).map { "t\($0)" })
    let projector = try store.insertProjector(StoreFixture.projector()).id
    try store.write { db in try db.execute(sql: "DROP TABLE code") }
    #expect(throws: StoreError.self) { try load(projector: projector, readers: 2, batch: 4) }
  }
}

@Suite("OrderedLine")
struct OrderedLineTests {
  @Test func `things come in their order, however many threads make them`() throws {
    let line = OrderedLine<Int>(count: 500, ahead: 3)
    let threads = WorkerThreads(name: "makers", count: 3, priority: .query)
    defer { threads.stop() }
    for _ in 0..<3 { threads.submit { line.work { $0 * 2 } } }
    var taken: [Int] = []
    while let next = try line.next() { taken.append(next) }
    line.close()
    #expect(taken == (0..<500).map { $0 * 2 })
  }

  @Test func `a failure is thrown in its place`() throws {
    struct Mine: Error {}
    let line = OrderedLine<Int>(count: 3, ahead: 3)
    line.work { if $0 == 1 { throw Mine() } else { $0 } }
    #expect(try line.next() == 0)
    #expect(throws: Mine.self) { try line.next() }
    #expect(try line.next() == 2)
    #expect(try line.next() == nil)
  }

  @Test func `a line that is closed makes nothing more`() {
    let line = OrderedLine<Int>(count: 3, ahead: 1)
    line.close()
    line.work { _ in
      Issue.record("made after the end")
      return 0
    }
  }
}
