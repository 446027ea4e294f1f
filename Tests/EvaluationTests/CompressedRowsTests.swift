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

  @Test(arguments: Rescorer.Kind.allCases)
  func `candidates are ranked again by the rescorer, and the others follow them`(kind: Rescorer.Kind) throws {
    let (rows, queries) = (unitRows(300, seed: 3), unitRows(10, seed: 4))
    let rescorer: Rescorer
    let alone: CompressedRows
    switch kind {
    case .source:
      rescorer = .source(rows)
      alone = try CompressedRows(rows, projector: whole(), bits: 8, isSource: true)
      #expect(rescorer.bytesPerRow == 52)
    case .wide:
      rescorer = try .wide(rows, projector: whole())
      alone = try CompressedRows(rows, projector: whole(), bits: StagedProjector.wideBits)
      #expect(rescorer.bytesPerRow == 24)
    }
    let narrow = try Projector.truncation(from: 48, to: 16)
    func staged(_ candidates: Int) throws -> [[Int]] {
      try CompressedRows(rows, projector: narrow, bits: 1, rescorer: rescorer, candidates: candidates)
        .rankings(for: queries, count: 50)
    }
    // The scan rounds queries to 14 bits: neighbours in rank may change places.
    let all = try staged(300)
    for (ranking, expected) in zip(all, alone.rankings(for: queries, count: 50)) {
      #expect(Set(ranking.prefix(40)).subtracting(expected).isEmpty)
      #expect(zip(ranking, expected).count { $0 == $1 } > 40)
    }
    let coded = try CompressedRows(rows, projector: narrow, bits: 1).rankings(for: queries, count: 50)
    for (plain, staged) in zip(coded, try staged(5)) {
      #expect(Set(staged.prefix(5)) == Set(plain.prefix(5)))
      #expect(staged.dropFirst(5) == plain.dropFirst(5))
    }
  }

  @Test func `the fewer bytes a code has, the more candidates are ranked again`() throws {
    #expect([8, 16, 17, 32, 33, 64].map(StagedProjector.candidates) == [1000, 1000, 400, 400, 200, 200])
    let (rows, queries) = (unitRows(300, seed: 3), unitRows(10, seed: 4))
    let narrow = try Projector.truncation(from: 48, to: 8)
    // 1 byte: all 300 rows are candidates.
    let staged = try CompressedRows(rows, projector: narrow, bits: 1, rescorer: .source(rows))
    #expect(staged.bytesPerRow == 1 && staged.rescorerBytesPerRow == 52)
    let asked = try CompressedRows(rows, projector: narrow, bits: 1, rescorer: .source(rows), candidates: 300)
    #expect(staged.rankings(for: queries, count: 20) == asked.rankings(for: queries, count: 20))
  }

  @Test func `codes of product quantisation are ranked by what they stand for`() throws {
    let (rows, queries) = (unitRows(200, seed: 1), unitRows(5, seed: 2))
    let exact = try CompressedRows(rows, projector: whole(), bits: 32).rankings(for: queries, count: 20)
    // Fewer rows than centroids: nothing is lost.
    let coded = try CompressedRows(rows, projector: whole(), code: .product(bytes: 6, seed: 1))
    #expect(coded.bytesPerRow == 6)
    #expect(coded.rankings(for: queries, count: 20) == exact)
  }

  @Test func `what words give a row is added to its cosine, and brings rows in that meaning alone leaves out`() throws {
    let (rows, queries) = (unitRows(200, seed: 3), unitRows(4, seed: 4))
    for bits in [32, 2] {
      let small = try CompressedRows(rows, projector: whole(), bits: bits)
      let plain = small.rankings(for: queries, count: 10)
      let last = small.rankings(for: queries, count: 200).map { $0[199] }
      func fused(_ scores: [[Int: Double]]) -> [[Int]] {
        small.rankings(for: queries, count: 10, with: scores) { $0 + ($1 ?? 0) }
      }
      // Codes' scores round queries to 14 bits: neighbours in rank may change places.
      for (a, b) in zip(fused(Array(repeating: [:], count: 4)), plain) { #expect(Set(a) == Set(b)) }
      for (query, ranking) in fused(last.map { [$0: 3] }).enumerated() {
        #expect(ranking.count == 10)
        #expect(ranking[0] == last[query])
        #expect(Set(ranking.dropFirst()) == Set(plain[query].prefix(9)))
      }
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
