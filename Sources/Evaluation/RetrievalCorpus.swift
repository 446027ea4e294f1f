package import SystemPackage

/// What is searched as one: the passages of a data set, or of several with passages beside them that nobody asks for.
package struct RetrievalCorpus: Sendable {
  /// A source of passages, encoded by itself, so that what is known of it serves every corpus that it is in.
  package struct Part: Sendable {
    package let name: String
    package let passages: [RetrievalDataset.Passage]
    /// Their judgements count passages from the first of the whole corpus.
    package let queries: [RetrievalDataset.Query]
  }

  package let name: String
  package let parts: [Part]

  /// In the order of the rows.
  package var passageCount: Int { parts.reduce(0) { $0 + $1.passages.count } }
  /// Of all parts, in the order of the queries.
  package var judgements: [Judgements] { parts.flatMap { $0.queries.map(\.judgements) } }

  /// One data set by itself.
  package init(_ dataset: RetrievalDataset) {
    name = dataset.name
    parts = [Part(name: dataset.name, passages: dataset.passages, queries: dataset.queries)]
  }

  /// All passages of the data sets and files as one corpus called “pooled”, asked the queries of every set.
  ///
  /// - Parameter distractors: text files, a passage a line; empty lines are none.
  package init(pooling datasets: [RetrievalDataset], distractors: [FilePath] = []) throws {
    name = "pooled"
    var parts: [Part] = []
    var first = 0
    for dataset in datasets {
      let queries = dataset.queries.map { query in
        RetrievalDataset.Query(
          id: query.id, text: query.text,
          judgements: Judgements(
            gains: Dictionary(uniqueKeysWithValues: query.judgements.gains.map { ($0 + first, $1) }),
            unretrievable: query.judgements.unretrievable))
      }
      parts.append(Part(name: dataset.name, passages: dataset.passages, queries: queries))
      first += dataset.passages.count
    }
    for file in distractors {
      let name = file.lastComponent?.string ?? file.string
      let passages = try TextLines(contentsOf: file).lines.enumerated().filter { !$1.isEmpty }.map { number, line in
        RetrievalDataset.Passage(id: "\(name):\(number + 1)", title: "", text: line)
      }
      if passages.isEmpty { throw EvaluationError.empty(file: file, expected: "a passage a line") }
      parts.append(Part(name: name, passages: passages, queries: []))
    }
    self.parts = parts
  }
}
