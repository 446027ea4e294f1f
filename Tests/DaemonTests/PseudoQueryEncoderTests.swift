import Foundation
import LinearAlgebra
import LinuxSystem
import PassageStore
import RateReduction
import SystemPackage
import Testing

@testable import SemanticIndex

/// How a training gets its pseudo-queries, without a daemon: a store, and an encoder that counts.
@Suite struct PseudoQueryEncoderTests {
  private static let model = SHA256Digest(of: Array("a model".utf8))
  private static let dimensions = 16

  private final class Library {
    let directory: FilePath
    private(set) var store: PassageStore!
    let share: Int64

    init() throws {
      directory = FilePath(FileManager.default.temporaryDirectory.path).appending("questions-\(UUID().uuidString)")
      try FileManager.default.createDirectory(atPath: directory.string, withIntermediateDirectories: true)
      store = try PassageStore(at: directory.appending("state").appending("fumikura.db"))
      share = try store.register(share: "documents", root: "/srv/documents", device: 7).id
    }

    deinit {
      store = nil
      try? FileManager.default.removeItem(atPath: directory.string)  // a directory left behind fails no test
    }

    /// Commits a file of so many passages and returns the vectors of all passages there are.
    func add(_ path: FilePath, passages: Int, heading: String? = nil) throws -> [Int64] {
      let texts = (0..<passages).map {
        "The file \(path) says a thing of number \($0). Then \(path) has a second one of \($0). At last \(path) ends \($0)."
      }
      let new = texts.enumerated().map { ordinal, text in
        NewPassage(
          ordinal: ordinal, text: text, heading: heading ?? "Heading \(ordinal) of \(path)", start: 0,
          length: text.count,
          key: PassageKey.of(text, model: model))
      }
      let vectors = new.map { NewVector(key: $0.key, values: [Int8](repeating: 1, count: dimensions), scale: 0.25) }
      let attributes = FileAttributes(
        kind: .regular, size: 1, modified: 1, changed: 1, inode: 1, device: 1, mode: 0o644, userID: 0, groupID: 0)
      _ = try store.commit(
        IndexedFile(
          share: share, path: path, attributes: attributes, contentHash: SHA256Digest(of: Array(path.string.utf8)),
          readAt: 1, type: "text", title: nil, model: model, passages: new, vectors: vectors, codes: nil),
        finishing: nil)
      return try store.sampleVectors(limit: 10_000, seed: 1, model: model).map(\.id)
    }
  }

  /// The texts that were encoded.
  private final class Count { var texts: [String] = [] }

  private func encoder(_ library: Library, _ count: Count) -> PseudoQueryEncoder {
    PseudoQueryEncoder(store: library.store, model: Self.model, dimensions: Self.dimensions) { texts in
      count.texts += texts
      return Matrix(
        rows: texts.map { text in
          var random = SeededGenerator(
            seed: SHA256Digest(of: Array(text.utf8)).bytes.prefix(7).reduce(0) { $0 << 8 | UInt64($1) })
          return Matrix.gaussian(rows: 1, columns: Self.dimensions, using: &random).normalisedRows().values
        }, columns: Self.dimensions)
    }
  }

  @Test("a second training encodes only what is new, and learns from the same vectors")
  func reuse() throws {
    let library = try Library()
    let first = Count()
    let vectors = try library.add("first", passages: 40)
    let one = try encoder(library, first).vectors(ofPassagesWith: vectors, seed: 1, isTimeUp: { false }) { _ in }
    #expect(one.passages == 40 && one.wanted == 40)
    #expect(one.encoded == 120 && one.known == 0 && first.texts.count == 120)
    #expect(one.heldOut.owners.count == 24 && one.training.owners.count == 96)
    #expect(Set(one.heldOut.owners).isDisjoint(with: one.training.owners))
    #expect(Set(one.heldOut.owners + one.training.owners) == Set(0..<40))

    let second = Count()
    let again = try encoder(library, second).vectors(ofPassagesWith: vectors, seed: 1, isTimeUp: { false }) { _ in }
    #expect(second.texts.isEmpty && again.known == 120)
    #expect(again.training.rows == one.training.rows && again.training.owners == one.training.owners)
    #expect(again.heldOut.rows == one.heldOut.rows)

    let third = Count()
    let more = try library.add("second", passages: 10)
    let grown = try encoder(library, third).vectors(ofPassagesWith: more, seed: 1, isTimeUp: { false }) { _ in }
    #expect(grown.encoded == 30 && grown.known == 120)
    #expect(third.texts.allSatisfy { $0.contains("second") })
    _ = try library.store.remove(share: library.share, path: "first", finishing: nil)
    #expect(try library.store.countQuestions() <= 30)
  }

  @Test("a question that measures is not learnt, also where it was made of another passage")
  func common() throws {
    let library = try Library()
    let vectors = try library.add("file", passages: 50, heading: "The heading of all")
    let outcome = try encoder(library, Count()).vectors(ofPassagesWith: vectors, seed: 1, isTimeUp: { false }) { _ in }
    #expect(outcome.encoded == 1 + 2 * 50)
    #expect(outcome.heldOut.owners.count == 3 * 10 && outcome.training.owners.count == 2 * 40)
  }

  @Test("with no time left, what is held out and some of the rest are still asked about")
  func time() throws {
    let library = try Library()
    let vectors = try library.add("long", passages: 700)
    let count = Count()
    let outcome = try encoder(library, count).vectors(ofPassagesWith: vectors, seed: 1, isTimeUp: { true }) { _ in }
    #expect(outcome.passages == 140 + 256 && outcome.wanted == 700)
    #expect(Set(outcome.heldOut.owners).count == 140 && Set(outcome.training.owners).count == 256)
    #expect("\(outcome)".contains("no time for 304 passages more"))
    let few = try encoder(library, count).vectors(
      ofPassagesWith: vectors, most: 10, heldOut: 5, seed: 1, isTimeUp: { false }
    ) { _ in }
    #expect(few.wanted == 15 && few.passages == 15)
  }

  @Test("progress rises to 1, and what it throws ends the work; what was encoded before stays")
  func cancelling() throws {
    let library = try Library()
    let vectors = try library.add("long", passages: 600)
    let count = Count()
    var told: [Double] = []
    #expect(throws: CancellationError.self) {
      try encoder(library, count).vectors(ofPassagesWith: vectors, seed: 1, isTimeUp: { false }) { share in
        told.append(share)
        if share > 0.7 { throw CancellationError() }
      }
    }
    #expect(told == told.sorted() && told.last! > 0.7 && told.last! <= 1)
    let kept = try library.store.countQuestions()
    #expect(kept > 0 && kept < count.texts.count)
  }

  @Test("memory bounds the sample, between a thousand passages and a hundred thousand")
  func memory() {
    func passages(_ megabytes: Int, _ dimensions: Int) -> Int {
      TrainingLimits(time: .seconds(60), memory: megabytes << 20).passages(dimensions: dimensions)
    }
    #expect(passages(1000, 384) == 100_000)
    #expect((50_000..<90_000).contains(passages(300, 384)))
    #expect(passages(300, 1024) < passages(300, 384) / 2)
    #expect(passages(300, 4096) == 1000)
    let limits = TrainingLimits(time: .seconds(100), memory: 1 << 30)
    #expect(!limits.isEncodingOver(after: .seconds(59)) && limits.isEncodingOver(after: .seconds(60)))
  }
}
