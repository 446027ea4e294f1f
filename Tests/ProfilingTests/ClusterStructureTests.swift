import LinearAlgebra
import Profiling
import Testing

@Suite("How much documents fall into groups")
struct ClusterStructureTests {
  /// Rows around four centres, five dimensions each.
  private func rows() -> Matrix {
    var generator = SeededGenerator(seed: 2)
    let rows = (0..<200).map { number in
      (0..<20).map { Float($0 / 5 == number % 4 ? 1 : 0) + 0.1 * Float(generator.gaussian()) }
    }
    return Matrix(rows: rows, columns: 20).normalisedRows()
  }

  @Test func `folders that are what the vectors say agree wholly, and shuffled ones as chance has it`() throws {
    let told = try ClusterStructure(of: rows(), groups: (0..<200).map { "\($0 % 4)" }, seed: 1)
    #expect(told.agreement == 1)
    #expect(abs(try #require(told.chance) - 49.0 / 199) < 1e-9)
    #expect(told.effectiveRank > 3 && told.effectiveRank < 20 && told.dimensions == 20)
    let shuffled = try ClusterStructure(of: rows(), groups: (0..<200).map { "\($0 / 50)" }, seed: 1)
    #expect(abs(try #require(shuffled.agreement) - 0.25) < 0.05)
    #expect(shuffled.isScattered && !told.isScattered)
  }

  @Test func `one folder, or none known, says nothing of agreement`() throws {
    #expect(try ClusterStructure(of: rows(), groups: [], seed: 1).agreement == nil)
    #expect(try ClusterStructure(of: rows(), groups: [String](repeating: "a", count: 200), seed: 1).chance == nil)
  }
}
