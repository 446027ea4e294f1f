import Evaluation
import LinearAlgebra
import RateReduction
import SystemPackage

/// The classes of a corpus's passages, by one source.
struct CorpusClasses {
  /// Consecutive lines of a text file that count as one document.
  static let linesPerFile = 10

  /// Of each passage, −1 for none.
  let classes: [Int]

  /// - Parameter vectors: source vectors, unit rows.
  /// - Throws: where the source gives not two classes of two passages.
  init(
    _ source: ClassSource, of corpus: RetrievalCorpus, vectors: Matrix, labels: String?, seed: UInt64
  ) throws {
    switch source {
    case .pseudo, .none: preconditionFailure("\(source.words) are no classes of passages")
    case .labels: classes = try Self.labels(corpus, FilePath(labels!))
    case .folders:
      classes = corpus.parts.enumerated().flatMap { number, part in part.passages.map { _ in number } }
    case .files: classes = Self.files(corpus)
    case .headings: classes = Self.numbered(corpus.parts.flatMap { $0.passages.map(\.title) })
    case .neighbours: classes = try NeighbourGroups.of(vectors)
    }
    let sizes = Dictionary(classes.filter { $0 >= 0 }.map { ($0, 1) }, uniquingKeysWith: +).filter { $0.value > 1 }
    guard sizes.count > 1 else {
      throw LabError.unusable(
        "\(corpus.name) has no \(source.words) to train with: got \(sizes.count) of two passages or more, expected two"
          + (source == .folders ? " (--pooled with several folders, or with --distractors)" : "")
          + (source == .files ? " (--pooled with --distractors, ten lines of which count as a file)" : ""))
    }
    Output.remark(
      "\(corpus.name), \(source.words): \(sizes.count) classes of \(sizes.values.reduce(0, +)) of \(classes.count) passages"
    )
    if source == .folders || source == .labels {
      try remarkPrediction(corpus, vectors, seed)
    }
  }

  /// Says whether the classes tell what is near, as the daemon asks of folders.
  private func remarkPrediction(_ corpus: RetrievalCorpus, _ vectors: Matrix, _ seed: UInt64) throws {
    // A passage that is of no file is one by itself.
    let files = Self.files(corpus).enumerated().map { $1 < 0 ? -1 - $0 : $1 }
    let probes = ClassPrediction.probes(among: vectors.rows, seed: seed)
    let found = try ClassPrediction.of(
      [probes.map { classes[$0] }], vectors: vectors.rows(at: probes), files: probes.map { files[$0] }, seed: seed)[0]
    Output.remark("\(found.isPredictive ? "they tell what is near" : "they do not tell what is near"): \(found)")
  }

  private static func labels(_ corpus: RetrievalCorpus, _ file: FilePath) throws -> [Int] {
    let list = try LabelledDataset(file: file)
    let labels = Dictionary(zip(list.texts, list.labels)) { first, _ in first }
    return numbered(corpus.parts.flatMap { $0.passages.map { labels[$0.id] ?? "" } })
  }

  private static func files(_ corpus: RetrievalCorpus) -> [Int] {
    var first = 0
    return corpus.parts.flatMap { part -> [Int] in
      // Data sets are asked for; what is asked for nothing is a text file.
      guard part.queries.isEmpty else { return [Int](repeating: -1, count: part.passages.count) }
      defer { first += part.passages.count / linesPerFile + 1 }
      return part.passages.indices.map { first + $0 / linesPerFile }
    }
  }

  /// A number for each name, −1 for the empty one.
  private static func numbered(_ names: [String]) -> [Int] {
    var numbers: [String: Int] = [:]
    return names.map { name in
      if name.isEmpty { return -1 }
      let number = numbers[name] ?? numbers.count
      numbers[name] = number
      return number
    }
  }
}
