import Evaluation
import Foundation
import LinearAlgebra
import RateReduction
import Testing

@Suite("Compressed rows")
struct CompressedRowsTests {
  private func unitRows(_ count: Int, seed: UInt64) -> Matrix {
    var generator = SeededGenerator(seed: seed)
    return Matrix.gaussian(rows: count, columns: 48, using: &generator).normalisedRows()
  }

  private func whole() throws -> Projector { try .truncation(from: 48, to: 48) }

  private func plainRanking(_ query: [Float], _ rows: Matrix) -> [Int] {
    let scores = (0..<rows.rows).map { row in zip(query, rows.row(row)).reduce(0) { $0 + $1.0 * $1.1 } }
    return scores.indices.sorted { scores[$0] > scores[$1] }
  }

  @Test func `float rows are ranked by their dot products`() throws {
    let (rows, queries) = (unitRows(500, seed: 1), unitRows(70, seed: 2))
    let rankings = try CompressedRows(rows, projector: whole(), bits: 32).rankings(for: queries, count: 20)
    #expect(rankings.count == 70)
    for query in 0..<70 { #expect(rankings[query] == Array(plainRanking(queries.row(query), rows).prefix(20))) }
  }

  @Test(arguments: [(8, 0.98), (4, 0.85), (2, 0.6), (1, 0.4)])
  func `fewer bits keep less of the ranking`(bits: Int, least: Double) throws {
    let (rows, queries) = (unitRows(500, seed: 1), unitRows(70, seed: 2))
    let exact = try CompressedRows(rows, projector: whole(), bits: 32).rankings(for: queries, count: 10)
    let coded = try CompressedRows(rows, projector: whole(), bits: bits)
    #expect(coded.bytesPerRow == 48 * bits / 8)
    let kept = zip(exact, coded.rankings(for: queries, count: 10))
      .reduce(0) { $0 + Set($1.0).intersection($1.1).count }
    #expect(Double(kept) / 700 > least, "\(kept) of 700")
  }

  @Test func `source vectors of 8 bits take a byte a dimension and rank as floats nearly do`() throws {
    let (rows, queries) = (unitRows(500, seed: 1), unitRows(70, seed: 2))
    let exact = try CompressedRows(rows, projector: whole(), bits: 32)
    let source = try CompressedRows(rows, projector: whole(), bits: 8, isSource: true)
    #expect(source.bytesPerRow == 48)
    let kept = zip(exact.rankings(for: queries, count: 10), source.rankings(for: queries, count: 10))
      .reduce(0) { $0 + Set($1.0).intersection($1.1).count }
    #expect(kept > 680, "\(kept) of 700")
  }

  @Test func `candidates are ranked again by the float output, and the others follow them`() throws {
    let (rows, queries) = (unitRows(300, seed: 3), unitRows(10, seed: 4))
    let exact = try CompressedRows(rows, projector: whole(), bits: 32)
    let all = try CompressedRows(rows, projector: whole(), bits: 1, candidates: 300)
    #expect(all.rankings(for: queries, count: 50) == exact.rankings(for: queries, count: 50))
    let coded = try CompressedRows(rows, projector: whole(), bits: 1).rankings(for: queries, count: 50)
    let some = try CompressedRows(rows, projector: whole(), bits: 1, candidates: 5).rankings(for: queries, count: 50)
    for (plain, staged) in zip(coded, some) {
      #expect(Set(staged.prefix(5)) == Set(plain.prefix(5)))
      #expect(staged.dropFirst(5) == plain.dropFirst(5))
    }
  }

  @Test(arguments: [32, 8, 4, 2, 1]) func `the score of a pair is the one that ranks it`(bits: Int) throws {
    let (rows, others) = (unitRows(40, seed: 5), unitRows(40, seed: 6))
    let compressed = try CompressedRows(rows, projector: whole(), bits: bits)
    // Each query's ranking of all rows must be that of its scores with every row in turn.
    let query = others.row(0)
    let scores = compressed.scores(with: Matrix(rows: Array(repeating: query, count: 40), columns: 48))
    let ranking = compressed.rankings(for: others.rows(0..<1), count: 40)[0]
    for (better, worse) in zip(ranking, ranking.dropFirst()) { #expect(scores[better] >= scores[worse] - 2e-4) }
  }

  /// By hand, on a line of angles: rows a at 0° and 20°, b at 10° and 90°; queries at 1° (a) and 80° (b).
  @Test func `label metrics are those of the rankings`() throws {
    func row(_ degrees: Double) -> [Float] {
      let angle = degrees * .pi / 180
      return [Float(cos(angle)), Float(sin(angle))]
    }
    let rows = try CompressedRows(
      Matrix(rows: [0, 20, 10, 90].map(row), columns: 2), projector: .truncation(from: 2, to: 2), bits: 32)
    let measured = LabelEvaluation(
      rows, labels: ["a", "a", "b", "b"], queries: Matrix(rows: [1, 80].map(row), columns: 2), queryLabels: ["a", "b"])
    // 1° ranks a b a b: (1 + 2/3) / 2. 80° ranks b a b a: (1 + 2/3) / 2. Ten neighbours are all four: two votes each,
    // and the nearer label wins.
    #expect(abs(measured.meanAveragePrecision - 5.0 / 6) < 1e-12)
    #expect(measured.nearestNeighbourAccuracy == 1)
  }
}
