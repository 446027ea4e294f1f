import Glibc
import LinearAlgebra

/// How well codes find the passage that a held-out pseudo-query was taken from.
///
/// The source vectors of a corpus and of pseudo-queries that no training has seen, each with the row of its passage.
/// A projector with its quantiser is scored by where that passage ranks among the candidates, by the asymmetric score that
/// search uses: the unquantised query against decoded codes.
package struct ProjectorEvaluation: Sendable {
  private let passages: any SourceRows
  /// Those of `passages` that are ranked.
  private let candidates: Matrix
  private let queries: Matrix
  /// The passage of each query, as a row of `candidates`.
  package let owners: [Int]

  /// How many passages are ranked: a training scores often, and needs to tell better from worse alone.
  package static let mostCandidates = 20_000

  /// - Parameter most: the passages that queries were taken from are ranked, and of the others, evenly spread, as many as
  ///   make up this number.
  /// - Precondition: an owner a query, each a row of `passages`.
  package init(
    passages: any SourceRows, queries: any SourceRows, owners: [Int], most: Int = Self.mostCandidates
  ) {
    precondition(owners.count == queries.rows && owners.allSatisfy { 0..<passages.rows ~= $0 })
    self.passages = passages
    self.queries = queries.rows(0..<queries.rows)
    guard passages.rows > most else {
      candidates = passages.rows(0..<passages.rows)
      self.owners = owners
      return
    }
    let owning = Set(owners)
    let others = (0..<passages.rows).filter { !owning.contains($0) }
    let wanted = max(0, most - owning.count)
    let rows = (owning + (0..<wanted).map { others[$0 * others.count / wanted] }).sorted()
    let places = Dictionary(uniqueKeysWithValues: rows.enumerated().map { ($1, $0) })
    candidates = passages.rows(at: rows)
    self.owners = owners.map { places[$0]! }
  }

  /// The scores of one way of ranking, means over the queries.
  package struct Score: Sendable, Hashable, CustomStringConvertible {
    /// One relevant passage a query: 1 / log₂(1 + rank) within the first ten.
    package let nDCG10: Double
    /// 1 / rank.
    package let reciprocalRank: Double
    /// The rank of each query's passage, from 1.
    package let ranks: [Int]

    init(ranks: [Int]) {
      self.ranks = ranks
      let count = Double(max(1, ranks.count))
      nDCG10 = ranks.reduce(0) { $0 + Score.gain($1) } / count
      reciprocalRank = ranks.reduce(0) { $0 + 1 / Double($1) } / count
    }

    /// nDCG@10 of each query.
    package var gains: [Double] { ranks.map(Score.gain) }

    static func gain(_ rank: Int) -> Double { rank <= 10 ? 1 / log2(1 + Double(rank)) : 0 }

    package var description: String { "nDCG@10 \(rounded(nDCG10)), MRR \(rounded(reciprocalRank))" }
  }

  /// A candidate and what it has to beat, by the same queries and the same bytes.
  package struct Comparison: Sendable, Hashable, CustomStringConvertible {
    package let candidate: Score
    /// Whitened PCA (γ .25) in the same code format.
    package let baseline: Score
    /// The standard error of the difference of nDCG@10 (candidate − baseline), over queries.
    package let standardError: Double

    /// Whether the candidate's nDCG@10 is above the baseline's.
    package var isBetter: Bool { candidate.nDCG10 > baseline.nDCG10 }

    package var description: String {
      "candidate \(candidate); whitened PCA \(baseline); difference "
        + "\(rounded(candidate.nDCG10 - baseline.nDCG10)) ± \(rounded(standardError))"
    }
  }

  /// Scores codes of a projector; without a quantiser its float output.
  package func score(_ projector: Projector, _ quantizer: CodeQuantizer? = nil) -> Score {
    score(projector, rows: projector.project(candidates), quantizer)
  }

  /// Scores the source vectors themselves: the most that codes are expected to reach.
  package func scoreOfSource() throws -> Score {
    score(try .truncation(from: candidates.columns, to: candidates.columns))
  }

  /// Scores a projector in codes of a format, and whitened PCA in the same.
  ///
  /// - Parameter axes: of all passages, where they are at hand.
  /// - Throws: where nothing can be quantised; see ``CodeQuantizer/fit(_:format:seed:)``.
  package func compare(
    _ candidate: Projector, format: CodeFormat, axes: PrincipalAxes? = nil
  ) throws -> Comparison {
    let axes = try axes ?? PrincipalAxes(of: passages)
    let scores = try [
      candidate, .whitenedPCA(axes, dimensions: format.dimensions, rotationSeed: candidate.rotationSeed),
    ].map { projector in
      let rows = projector.project(candidates)
      let quantizer = try CodeQuantizer.fit(rows, format: format, seed: projector.rotationSeed)
      return score(projector, rows: rows, quantizer)
    }
    let gains = zip(scores[0].ranks, scores[1].ranks).map { Score.gain($0) - Score.gain($1) }
    let mean = gains.reduce(0, +) / Double(max(1, gains.count))
    let variance = gains.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(1, gains.count - 1))
    return Comparison(
      candidate: scores[0], baseline: scores[1],
      standardError: (variance / Double(max(1, gains.count))).squareRoot())
  }

  private func score(_ projector: Projector, rows: Matrix, _ quantizer: CodeQuantizer?) -> Score {
    let decoded = quantizer.map { $0.decode($0.encode(rows)) } ?? rows
    let asked = projector.project(queries)
    var ranks: [Int] = []
    ranks.reserveCapacity(queries.rows)
    // Slices whose similarities take about 16 MB.
    let slice = max(1, 4_000_000 / max(1, candidates.rows))
    for start in stride(from: 0, to: asked.rows, by: slice) {
      let range = start..<min(start + slice, asked.rows)
      let similarity = asked.rows(range).timesTransposed(decoded)
      for query in range {
        ranks.append(similarity.rank(of: owners[query], inRow: query - start))
      }
    }
    return Score(ranks: ranks)
  }
}

extension DenseMatrix {
  /// The place of a column among all of a row, from 1, by falling value; equal ones by lower column.
  fileprivate func rank(of column: Int, inRow row: Int) -> Int {
    values.withUnsafeBufferPointer { values in
      let line = UnsafeBufferPointer(rebasing: values[row * columns..<(row + 1) * columns])
      let own = line[column]
      var rank = 1
      for c in 0..<columns where line[c] > own || (line[c] == own && c < column) { rank += 1 }
      return rank
    }
  }
}

/// Four digits, as the figures are compared.
private func rounded(_ value: Double) -> Double { (value * 1e4).rounded() / 1e4 }
