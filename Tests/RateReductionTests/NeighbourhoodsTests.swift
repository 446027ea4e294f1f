import LinearAlgebra
import Testing

@testable import RateReduction

@Suite struct NeighbourhoodsTests {
  /// More rows than are looked at at once, and some of them alike.
  private let rows = Corpus.clustered(rows: 2500, columns: 24, seed: 3, clusters: 5)

  /// What a sort of everything gives.
  private func nearest(to pivot: Int, among candidates: [Int], size: Int) -> [Int] {
    let scores = rows.rows(at: [pivot]).timesTransposed(rows).values
    return Array(candidates.sorted { (scores[$0], $1) > (scores[$1], $0) }.prefix(size))
  }

  @Test func `a neighbourhood is what sorting all rows gives`() {
    let pivots = [0, 7, 2499, 7]
    let found = Neighbourhoods(of: rows, pivots: pivots, size: 40).rows
    #expect(found == pivots.map { nearest(to: $0, among: Array(0..<2500), size: 40) })
    #expect(zip(found, pivots).allSatisfy { $0.first == $1 })
  }

  @Test func `only candidates are near, and a small corpus is all near`() {
    let odd = Array(stride(from: 1, to: 2500, by: 2))
    #expect(
      Neighbourhoods(of: rows, pivots: [5], size: 30, candidates: odd).rows == [nearest(to: 5, among: odd, size: 30)])
    #expect(Neighbourhoods(of: rows, pivots: [5], size: 30, candidates: [9, 5]).rows == [[5, 9]])
    #expect(Neighbourhoods(of: rows, pivots: [], size: 30).rows.isEmpty)
  }

  @Test(arguments: [0, 600]) func `a batch holds a share of neighbours, and each passage once`(unasked: Int) throws {
    var options = TrainingOptions(dimensions: 8, seed: 2)
    options.batch = 64
    let steps = 20
    options.steps = steps
    options.neighbourhoods = 2
    options.neighbourhoodSize = 60
    let rows = Corpus.clustered(rows: 2500, columns: 24, seed: 6, clusters: 400)
    let owners = Array(unasked..<2500)
    let teacher = try Projector.whitenedPCA(PrincipalAxes(of: rows), dimensions: 8, gamma: 0.15)
    func nearness(_ neighbourhoods: Int) -> Float {
      options.neighbourhoods = neighbourhoods
      var sampler = BatchSampler(
        passages: rows, queries: rows.rows(at: owners), owners: owners, classes: [], options: options, teacher: teacher)
      var generator = SeededGenerator(seed: 4)
      var sum: Float = 0
      for _ in 0..<steps {
        let batch = sampler.next(using: &generator)
        #expect(batch.passageCount == 64)
        #expect(batch.queryCount == (unasked == 0 ? 64 : 48))
        let passages = batch.input.rows(0..<64)
        #expect(Set((0..<64).map { Array(passages.row($0)) }).count == 64)
        let similar = passages.timesTransposed(passages)
        sum += (0..<64).map { r in (0..<64).filter { $0 != r }.map { similar[r, $0] }.max()! }.reduce(0, +) / 64
      }
      return sum / Float(steps)
    }
    #expect(nearness(2) > nearness(0) + 0.02)
  }
}
