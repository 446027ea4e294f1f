import Evaluation
import Foundation
import LinearAlgebra
import LinuxSystem
import SentenceEncoder
import Synchronization
import SystemPackage
import Testing

/// Encodes a text as (its bytes' count, its first byte, 1) and keeps count of the texts it was given.
private final class CountingEncoder: SentenceEncoder {
  struct Refusal: Error {}
  let dimensions = 3
  let encoded = Mutex(0)

  func encode(_ texts: [String], as role: TextRole) throws -> Matrix {
    if texts.contains("refuse me") { throw Refusal() }
    encoded.withLock { $0 += texts.count }
    return Matrix(
      rows: texts.map { [Float($0.utf8.count), Float($0.utf8.first ?? 0), 1] }, columns: 3)
  }

  var count: Int { encoded.withLock { $0 } }
}

@Suite("Encoding a corpus")
struct CorpusEncoderTests {
  private let texts = (0..<2500).map { "\($0 * 7919 % 2100) " + String(repeating: "x", count: $0 * 31 % 97) }

  @Test(arguments: [1, 2, 5]) func `rows come in the order of the texts, whatever the threads`(threads: Int) throws {
    let encoder = CountingEncoder()
    let matrix = try CorpusEncoder(encoder: encoder, identity: "m", threads: threads, cache: nil).encode(
      texts, as: .plain)
    #expect(matrix == (try encoder.encode(texts, as: .plain)))
  }

  @Test func `a text that comes twice is encoded once, and canonically equal strings are two texts`() throws {
    let encoder = CountingEncoder()
    let matrix = try CorpusEncoder(encoder: encoder, identity: "m", threads: 2, cache: nil)
      .encode(["a", "b", "a", "\u{E9}", "e\u{301}", "a"], as: .plain)
    #expect(encoder.count == 4)
    #expect(matrix.rows == 6)
    #expect(matrix.row(0) == matrix.row(5))
    #expect(matrix.row(3) != matrix.row(4))
  }

  @Test func `a second run encodes nothing, and gives the same rows`() throws {
    let folder = try TemporaryFolder()
    let cache = try EncodingCache(folder: folder.path.appending("cache"))
    let encoder = CountingEncoder()
    let told = Mutex((done: 0, total: 0))
    let first = try CorpusEncoder(encoder: encoder, identity: "m", threads: 2, cache: cache).encode(texts, as: .plain) {
      more, total in
      told.withLock { $0 = ($0.done + more, total) }
    }
    let distinct = Set(texts).count
    #expect(encoder.count == distinct)
    #expect(told.withLock { $0.done } == distinct)
    #expect(told.withLock { $0.total } == distinct)
    let second = try CorpusEncoder(encoder: encoder, identity: "m", threads: 2, cache: cache).encode(texts, as: .plain)
    #expect(encoder.count == distinct)
    #expect(second == first)
  }

  @Test func `another model, and another text, are encoded anew`() throws {
    let folder = try TemporaryFolder()
    let cache = try EncodingCache(folder: folder.path)
    let encoder = CountingEncoder()
    _ = try CorpusEncoder(encoder: encoder, identity: "m", threads: 1, cache: cache).encode(["a", "b"], as: .plain)
    _ = try CorpusEncoder(encoder: encoder, identity: "n", threads: 1, cache: cache).encode(["a", "b"], as: .plain)
    _ = try CorpusEncoder(encoder: encoder, identity: "m", threads: 1, cache: cache).encode(["a", "c"], as: .plain)
    _ = try CorpusEncoder(encoder: encoder, identity: "m", threads: 1, cache: cache).encode(["ab"], as: .plain)
    #expect(encoder.count == 7)
  }

  @Test func `a damaged file of the cache is the same as none`() throws {
    let folder = try TemporaryFolder()
    let cache = try EncodingCache(folder: folder.path)
    let encoder = CountingEncoder()
    let corpus = CorpusEncoder(encoder: encoder, identity: "m", threads: 1, cache: cache)
    let whole = try corpus.encode(["a", "b"], as: .plain)
    let name = try #require(try FileManager.default.contentsOfDirectory(atPath: folder.path.string).first)
    let url = URL(filePath: folder.path.appending(name).string)
    var bytes = try Data(contentsOf: url)
    bytes[3] ^= 1
    try bytes.write(to: url)
    #expect(try corpus.encode(["a", "b"], as: .plain) == whole)
    #expect(encoder.count == 4)
    try bytes.prefix(10).write(to: url)
    #expect(try corpus.encode(["a", "b"], as: .plain) == whole)
    #expect(encoder.count == 6)
    #expect(try corpus.encode(["a", "b"], as: .plain) == whole)
    #expect(encoder.count == 6)
  }

  @Test func `what the encoder throws is thrown, and nothing is kept`() throws {
    let folder = try TemporaryFolder()
    let corpus = CorpusEncoder(
      encoder: CountingEncoder(), identity: "m", threads: 3, cache: try EncodingCache(folder: folder.path))
    #expect(throws: CountingEncoder.Refusal.self) { try corpus.encode(texts.prefix(200) + ["refuse me"], as: .plain) }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path.string) == [])
  }

  @Test func `the cache lies where the XDG specification says`() {
    #expect(EncodingCache.defaultFolder(environment: ["XDG_CACHE_HOME": "/c", "HOME": "/h"]) == "/c/fumikura")
    #expect(
      EncodingCache.defaultFolder(environment: ["XDG_CACHE_HOME": "relative", "HOME": "/h"]) == "/h/.cache/fumikura")
  }
}
