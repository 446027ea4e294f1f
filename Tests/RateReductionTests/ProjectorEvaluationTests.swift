import Glibc
import LinearAlgebra
import RateReduction
import Testing

@Suite struct ProjectorEvaluationTests {
  @Test func `the owner's rank is counted among all passages`() throws {
    // Passages on a quarter circle; each query between its owner and a nearer passage.
    let angles: [Float] = [0, 0.3, 0.6, 0.9]
    let passages = Matrix(rows: angles.map { [cosf($0), sinf($0)] }, columns: 2)
    let queries = Matrix(rows: [Float(0.1), 0.41, 0.95].map { [cosf($0), sinf($0)] }, columns: 2)
    let evaluation = ProjectorEvaluation(passages: passages, queries: queries, owners: [0, 2, 0])
    let score = try evaluation.scoreOfSource()
    #expect(score.ranks == [1, 2, 4])
    #expect(abs(score.nDCG10 - (1 + 1 / log2(3) + 1 / log2(5)) / 3) < 1e-12)
    #expect(abs(score.reciprocalRank - (1 + 0.5 + 0.25) / 3) < 1e-12)
  }

  @Test func `more bits lose less, and whitened PCA does not beat itself`() throws {
    let passages = Corpus.clustered(rows: 800, columns: 64, seed: 21, clusters: 30)
    let queries = Corpus.near(passages, noise: 0.7, seed: 22)
    let evaluation = ProjectorEvaluation(passages: passages, queries: queries, owners: Array(0..<800))
    let projector = try Projector.whitenedPCA(of: passages, dimensions: 32)
    let rows = projector.project(passages)
    var last = evaluation.score(projector).nDCG10 + 0.01
    for bits in [8, 4, 2, 1] {
      let format = CodeFormat(dimensions: 32, bits: bits)
      let score = evaluation.score(projector, try CodeQuantizer.fit(rows, format: format, seed: 1)).nDCG10
      #expect(score < last + 0.005)
      last = score
      let comparison = try evaluation.compare(projector, format: format)
      #expect(comparison.candidate == comparison.baseline)
      #expect(!comparison.isBetter)
      #expect(comparison.standardError == 0)
    }
    #expect(last < evaluation.score(projector).nDCG10 - 0.05)
  }

  @Test func `of a large corpus, the passages asked for and some evenly spread others are ranked`() throws {
    let passages = Corpus.clustered(rows: 900, columns: 48, seed: 5)
    let owners = [899, 3, 3, 450]
    let queries = Corpus.near(passages.rows(at: owners), noise: 0.9, seed: 6)
    let projector = try Projector.whitenedPCA(of: passages, dimensions: 16)
    let whole = ProjectorEvaluation(passages: passages, queries: queries, owners: owners).score(projector)
    let part = ProjectorEvaluation(passages: passages, queries: queries, owners: owners, most: 60).score(projector)
    // Fewer to be ranked behind, and those asked for among them.
    #expect(zip(part.ranks, whole.ranks).allSatisfy { $0 <= $1 })
    #expect(part.ranks.max()! <= 60 && part.ranks != whole.ranks)
    let alone = ProjectorEvaluation(passages: passages, queries: queries, owners: owners, most: 1).score(projector)
    #expect(alone.ranks.max()! <= 3)
  }

  @Test func `no queries give a score of 0`() throws {
    let passages = Corpus.clustered(rows: 20, columns: 8, seed: 23)
    let evaluation = ProjectorEvaluation(passages: passages, queries: Matrix(rows: 0, columns: 8), owners: [])
    #expect(try evaluation.scoreOfSource().nDCG10 == 0)
  }

  @Test func `a collapse of the rank is seen`() throws {
    var random = SeededGenerator(seed: 24)
    let even = Matrix.gaussian(rows: 4000, columns: 16, using: &random)
    #expect(abs(try EffectiveRank.of(even) - 16) < 0.1)
    #expect(try !EffectiveRank.isCollapsed(even, classes: 4000))
    var line = even
    for r in 0..<4000 { for c in 1..<16 { line[r, c] *= 0.05 } }
    #expect(try EffectiveRank.of(line) < 2)
    #expect(try EffectiveRank.isCollapsed(line, classes: 4000))
    #expect(try !EffectiveRank.isCollapsed(line, classes: 4))
    #expect(try EffectiveRank.isCollapsed(Matrix(rows: 9, columns: 4, repeating: 0.5), classes: 9))
    var broken = even
    broken[5, 5] = .nan
    #expect(throws: RateReductionError.self) { try EffectiveRank.isCollapsed(broken, classes: 9) }
  }
}
