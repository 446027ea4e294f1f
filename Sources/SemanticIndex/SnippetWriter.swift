import LinearAlgebra
import LinuxSystem
import PassageStore
import SentenceEncoder
import Synchronization
import TextExtraction

/// Writes the snippets of a page of hits: by the words of the query where they stand in the passage, else, for the first
/// few hits, by the sentence that is most like it to the encoder.
///
/// Sentences are encoded by the threads of a team together. The vectors of some passages' sentences are remembered, as the
/// same passages come again with the next page and with a query that was put a little differently.
final class SnippetWriter: Sendable {
  private let models: ModelShelf
  private let team: ThreadTeam
  /// A unit row for each sentence, by the id of the passage's vector, which stands for its model and text and for nothing
  /// else ever. At most 25 KB each.
  private let known = Mutex(RecentValues<Int64, [[Float]]>(capacity: 128))

  /// Hits whose snippet may be chosen by the encoder where no query word stands in the passage.
  private static let encodedSnippets = 3
  /// Of one passage, from its beginning.
  private static let encodedSentences = 16

  init(models: ModelShelf, team: ThreadTeam) {
    self.models = models
    self.team = team
  }

  /// - Parameters:
  ///   - words: the query as it was put; nil where it is not a text.
  ///   - vectors: the query's unit row in the space of each model.
  func write(_ hits: inout [FoundPassage], words: String?, vectors: [SHA256Digest: [Float]]) {
    let cutter = SnippetCutter(words: QueryWords(words ?? ""))
    let sentences = hits.map { hit in
      TextExtraction.sentences(of: hit.passage.text).map { hit.passage.text[$0] }
    }
    var best = sentences.map(cutter.bestByWords)
    let open = hits.indices.filter { index in
      best[index] == nil && sentences[index].count > 1 && hits[index].model.map { vectors[$0] != nil } ?? false
    }
    for (model, indices) in Dictionary(grouping: open.prefix(Self.encodedSnippets), by: { hits[$0].model! }) {
      let rows = rows(
        indices.map { (hits[$0].passage.vectorID, sentences[$0].prefix(Self.encodedSentences)) }, of: model)
      for (index, rows) in zip(indices, rows) {
        let scores = rows.map { zip($0, vectors[model]!).reduce(Float(0)) { $0 + $1.0 * $1.1 } }
        best[index] = scores.indices.max { scores[$0] < scores[$1] }
      }
    }
    for index in hits.indices {
      let snippet = cutter.cut(sentences[index], best: best[index] ?? 0)
      hits[index].snippet = snippet.text
      hits[index].highlights = snippet.highlights
    }
  }

  /// The rows of each passage's sentences; none where they cannot be encoded.
  private func rows(_ passages: [(vector: Int64, sentences: ArraySlice<Substring>)], of hash: SHA256Digest)
    -> [[[Float]]]
  {
    var rows = passages.map { passage in known.withLock { $0.value(for: passage.vector) } ?? [] }
    let missing = passages.indices.filter { rows[$0].isEmpty }
    guard !missing.isEmpty, let model = models[hash] else { return rows }
    // A snippet is a courtesy: where the encoder fails here, the first sentence serves.
    guard let encoded = encode(missing.flatMap { passages[$0].sentences.map(String.init) }, by: model.encoder) else {
      return rows
    }
    var all = encoded[...]
    for index in missing {
      rows[index] = Array(all.prefix(passages[index].sentences.count))
      all = all.dropFirst(passages[index].sentences.count)
      known.withLock { $0.keep(rows[index], for: passages[index].vector) }
    }
    return rows
  }

  /// Unit rows of some texts; nil where one of them fails.
  private func encode(_ texts: [String], by encoder: any SentenceEncoder) -> [[Float]]? {
    // The longest first, each to the thread that has least: all end at about the same time.
    var parts = Array(repeating: (length: 0, texts: [Int]()), count: min(team.threads, texts.count))
    for index in texts.indices.sorted(by: { texts[$0].utf8.count > texts[$1].utf8.count }) {
      let least = parts.indices.min { parts[$0].length < parts[$1].length }!
      parts[least].length += texts[index].utf8.count
      parts[least].texts.append(index)
    }
    let rows = Mutex<[[Float]?]>(Array(repeating: nil, count: texts.count))
    team.forEach(parts.count) { [parts] part in
      let own = parts[part].texts
      guard let encoded = try? encoder.encode(own.map { texts[$0] }, as: .passage) else { return }
      rows.withLock { rows in for (row, index) in own.enumerated() { rows[index] = encoded.row(row) } }
    }
    let all = rows.withLock { $0 }
    return all.contains { $0 == nil } ? nil : all.map { $0! }
  }
}
