import Foundation
package import SystemPackage

/// A corpus with queries and judgements, read from a folder in the form of BEIR (Thakur et al. 2021, arXiv 2104.08663).
package struct RetrievalDataset: Sendable {
  package struct Passage: Sendable, Equatable {
    package let id: String
    /// Empty where the corpus has none.
    package let title: String
    package let text: String

    package init(id: String, title: String, text: String) {
      self.id = id
      self.title = title
      self.text = text
    }

    /// What is encoded: title, blank, text.
    package var titleAndText: String { title.isEmpty ? text : "\(title) \(text)" }
  }

  package struct Query: Sendable, Equatable {
    package let id: String
    package let text: String
    package let judgements: Judgements
  }

  /// The folder's own name.
  package let name: String
  /// In the order of the file: a passage's place is its row.
  package let passages: [Passage]
  /// Those that have at least one relevant passage judged, in the order of the file.
  package let queries: [Query]
  /// What is odd but no reason to stop: judged ids that the corpus or the queries do not hold.
  package let warnings: [String]

  /// Reads `corpus.jsonl`, `queries.jsonl` and `qrels.tsv` (else `qrels/test.tsv`) from `folder`.
  package init(folder: FilePath) throws {
    name = folder.lexicallyNormalized().lastComponent?.string ?? folder.string
    let passages = try Self.passages(of: folder)
    let texts = try Self.queries(folder.appending("queries.jsonl"))
    let split = folder.appending("qrels").appending("test.tsv")
    let single = folder.appending("qrels.tsv")
    let useSplit =
      !FileManager.default.fileExists(atPath: single.string)
      && FileManager.default.fileExists(atPath: split.string)
    var (judged, warnings) = try Self.judgements(
      useSplit ? split : single, passages: passages, queries: Set(texts.map(\.id)))
    queries = texts.compactMap { query in
      guard let judgements = judged[query.id], judgements.relevantCount > 0 else { return nil }
      return Query(id: query.id, text: query.text, judgements: judgements)
    }
    if queries.isEmpty {
      throw EvaluationError.empty(file: useSplit ? split : single, expected: "a query with a judgement above 0")
    }
    if queries.count < judged.count {
      warnings.append("\(judged.count - queries.count) judged queries have no relevant passage and are left out")
    }
    self.passages = passages
    self.warnings = warnings
  }

  private struct PassageLine: Decodable {
    var _id: String
    var title: String?
    var text: String
  }

  private struct QueryLine: Decodable {
    var _id: String
    var text: String
  }

  /// The passages alone, in the order of the folder's `corpus.jsonl`.
  package static func passages(of folder: FilePath) throws -> [Passage] {
    var passages: [Passage] = []
    try decode(
      PassageLine.self, folder.appending("corpus.jsonl"),
      expected: #"an object with strings "_id", "text" and perhaps "title""#
    ) {
      passages.append(Passage(id: $0._id, title: $0.title ?? "", text: $0.text))
      return $0._id
    }
    return passages
  }

  private static func queries(_ file: FilePath) throws -> [(id: String, text: String)] {
    var queries: [(id: String, text: String)] = []
    try decode(QueryLine.self, file, expected: #"an object with strings "_id" and "text""#) {
      queries.append((id: $0._id, text: $0.text))
      return $0._id
    }
    return queries
  }

  /// Hands each line's object to `take`, which returns its id; ids must differ.
  private static func decode<Line: Decodable>(
    _ type: Line.Type, _ file: FilePath, expected: String, take: (Line) -> String
  ) throws {
    let lines = try TextLines(contentsOf: file)
    if lines.lines.isEmpty { throw EvaluationError.empty(file: file, expected: "a line for each: \(expected)") }
    let decoder = JSONDecoder()
    var seen: [String: Int] = [:]
    for (index, line) in lines.lines.enumerated() {
      // The decoder's own words speak of Swift types: what was expected says more to who wrote the file.
      guard let value = try? decoder.decode(type, from: Data(line.utf8)) else {
        throw lines.malformed(index + 1, expected: expected)
      }
      let id = take(value)
      if let first = seen.updateValue(index + 1, forKey: id) {
        throw lines.malformed(index + 1, expected: "an _id of its own, but line \(first) has “\(id)” too")
      }
    }
  }

  private static func judgements(
    _ file: FilePath, passages: [Passage], queries: Set<String>
  ) throws -> ([String: Judgements], warnings: [String]) {
    let rows = Dictionary(uniqueKeysWithValues: passages.enumerated().map { ($1.id, $0) })
    var judged: [String: Judgements] = [:]
    var strangerQueries = 0
    var strangerPassages = 0
    let lines = try TextLines(contentsOf: file)
    for (index, line) in lines.lines.enumerated() {
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      if index == 0, fields.count == 3, Double(fields[2]) == nil, fields[0].contains("query") { continue }
      guard fields.count == 3, let gain = Double(fields[2]), gain.isFinite else {
        throw lines.malformed(index + 1, expected: "query id, tab, passage id, tab, a number")
      }
      guard queries.contains(fields[0]) else {
        strangerQueries += 1
        continue
      }
      if let row = rows[fields[1]] {
        judged[fields[0], default: Judgements()].gains[row] = gain
      } else {
        strangerPassages += 1
        judged[fields[0], default: Judgements()].unretrievable.append(gain)
      }
    }
    var warnings: [String] = []
    if strangerQueries > 0 {
      warnings.append("\(file): \(strangerQueries) judgements of queries that queries.jsonl does not hold are left out")
    }
    if strangerPassages > 0 {
      warnings.append(
        "\(file): \(strangerPassages) judged passages are not in corpus.jsonl and count as never found")
    }
    return (judged, warnings)
  }
}
