import Evaluation
import Foundation
import LinuxSystem
import PassageStore
import SystemPackage

/// The keyword search of the product over the passages of one corpus: a store of its own on disk, which goes with it.
final class KeywordIndex {
  private let directory: FilePath
  private let store: PassageStore
  private var rows: [Int64: Int] = [:]

  /// Passages of a file in the store.
  private static let chunk = 2_000

  init(_ corpus: RetrievalCorpus) throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "fumikura-lab-\(UUID().uuidString)")
    directory = FilePath(url.path)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    do {
      store = try PassageStore(at: directory.appending("state").appending("fumikura.db"))
      try fill(corpus.parts.flatMap { $0.passages.map(\.titleAndText) })
    } catch {
      try? FileManager.default.removeItem(at: url)  // the failure itself is what counts
      throw error
    }
  }

  deinit {
    // A directory that is left behind in /tmp changes no figure.
    try? FileManager.default.removeItem(atPath: directory.string)
  }

  private func fill(_ texts: [String]) throws {
    let share = try store.register(share: "corpus", root: directory, device: 0).id
    let model = SHA256Digest(of: Array("none".utf8))
    // The store wants a vector for each passage: here words alone count, and all share one.
    let vector = NewVector(key: model, values: [1], scale: 1)
    for start in stride(from: 0, to: texts.count, by: Self.chunk) {
      let part = texts[start..<min(start + Self.chunk, texts.count)]
      let passages = part.enumerated().map { ordinal, text in
        NewPassage(ordinal: ordinal, text: text, start: 0, length: text.unicodeScalars.count, key: vector.key)
      }
      let committed = try store.commit(
        IndexedFile(
          share: share, path: FilePath("\(start)"),
          attributes: FileAttributes(
            kind: .regular, size: 0, modified: 0, changed: 0, inode: UInt64(start), device: 0, mode: 0o644, userID: 0,
            groupID: 0),
          contentHash: model, readAt: 0, type: "text", model: model, passages: passages, vectors: [vector]),
        finishing: nil)
      for passage in committed.added { rows[passage.passageID] = start + passage.ordinal }
    }
  }

  /// The `count` rows whose words match the query best, with their BM25, best first.
  func matches(_ query: String, count: Int) throws -> [(row: Int, bm25: Double)] {
    try store.keywordMatches(query, limit: count) { _ in true }.compactMap { match in
      rows[match.passageID].map { ($0, match.bm25) }
    }
  }
}
