import Evaluation
import LinearAlgebra
import SentenceEncoder

extension EncodingSession {
  enum CorpusTexts: String {
    case passages, queries

    var role: TextRole { self == .passages ? .passage : .query }

    func texts(of part: RetrievalCorpus.Part) -> [String] {
      self == .passages ? part.passages.map(\.titleAndText) : part.queries.map(\.text)
    }
  }

  /// The source vectors of a corpus's passages or queries, one part after another.
  func encode(_ corpus: RetrievalCorpus, _ what: CorpusTexts) throws -> Matrix {
    let values = try corpus.parts.flatMap { part in
      let texts = what.texts(of: part)
      return texts.isEmpty
        ? [] : try encode(texts, as: what.role, label: "encoding \(part.name), \(what.rawValue)").values
    }
    return Matrix(rows: values.count / dimensions, columns: dimensions, values: values)
  }

  /// The source vectors of pseudo-queries of a corpus, at most `count` of each passage (its title, then sentences), and
  /// the passage of each.
  func pseudoQueries(
    of corpus: RetrievalCorpus, count: Int, seed: UInt64
  ) throws -> (vectors: Matrix, owners: [Int]) {
    var (values, owners): ([Float], [Int]) = ([], [])
    var first = 0
    for part in corpus.parts {
      let asked = PseudoQueries(of: part.passages.map { ($0.title, $0.text) }, sentences: count - 1, seed: seed)
      values += try encode(asked.texts, as: .query, label: "encoding \(part.name), pseudo-queries").values
      owners += asked.owners.map { $0 + first }
      first += part.passages.count
    }
    return (Matrix(rows: owners.count, columns: dimensions, values: values), owners)
  }
}
