import LinearAlgebra
import Testing

@testable import RateReduction

@Suite("Neighbour groups")
struct NeighbourGroupsTests {
  @Test func `near rows are one group, others not of it, and no group is larger than allowed`() throws {
    // Three tight bundles of 3, 2 and 20 rows, and five rows by themselves.
    var random = SeededGenerator(seed: 31)
    let centres = Matrix.gaussian(rows: 8, columns: 64, using: &random)
    let owners = [0, 0, 0, 1, 1] + [Int](repeating: 2, count: 20) + [3, 4, 5, 6, 7]
    var rows = centres.rows(at: owners)
    for i in rows.values.indices { rows.values[i] += 0.05 * Float(random.gaussian()) }
    rows.normaliseRows()
    let groups = try NeighbourGroups.of(rows)
    #expect(Set(groups[0..<3]).count == 1 && groups[0] >= 0)
    #expect(groups[3] == groups[4] && groups[3] >= 0 && groups[3] != groups[0])
    let large = groups[5..<25]
    #expect(Set(large).isDisjoint(with: [groups[0], groups[3]]))
    for (group, count) in Dictionary(large.map { ($0, 1) }, uniquingKeysWith: +) where group >= 0 {
      #expect(2...NeighbourGroups.largest ~= count)
    }
    #expect(large.count { $0 >= 0 } > 12)
    #expect(try NeighbourGroups.of(rows) == groups)
    #expect(try NeighbourGroups.of(Matrix(rows: 0, columns: 4)) == [])
    #expect(try NeighbourGroups.of(Matrix(rows: 1, columns: 1, values: [1])) == [-1])
  }
}
