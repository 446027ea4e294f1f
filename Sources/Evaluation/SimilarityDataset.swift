package import SystemPackage

/// Sentence pairs with a person's judgement of how alike they are: a line is score, tab, sentence, tab, sentence.
package struct SimilarityDataset: Sendable {
  package struct Pair: Sendable, Equatable {
    /// On the data set's own scale; only its order and proportions count.
    package let score: Double
    package let first: String
    package let second: String
  }

  /// The file's name without `.tsv`.
  package let name: String
  package let pairs: [Pair]

  package init(file: FilePath) throws {
    let lines = try TextLines(contentsOf: file)
    let base = file.lastComponent?.string ?? file.string
    name = base.hasSuffix(".tsv") ? String(base.dropLast(4)) : base
    pairs = try lines.lines.enumerated().map { index, line in
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
      guard fields.count == 3, let score = Double(fields[0]), score.isFinite else {
        throw lines.malformed(index + 1, expected: "a number, tab, sentence, tab, sentence")
      }
      return Pair(score: score, first: String(fields[1]), second: String(fields[2]))
    }
    if pairs.count < 2 { throw EvaluationError.empty(file: file, expected: "two pairs at least") }
  }
}
