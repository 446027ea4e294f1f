import Evaluation
package import LinearAlgebra
import RateReduction

/// How much some documents fall into groups: what MCR² draws apart.
package struct ClusterStructure: Sendable, Hashable {
  /// How many dimensions the source vectors really use (``EffectiveRank``), of how many.
  package let effectiveRank: Double
  package let dimensions: Int
  /// The share of a passage's ten nearest that are kept with it (in one folder), and what chance alone would give. Nil
  /// where nothing is known of folders, or there is one.
  package let agreement: Double?
  package let chance: Double?

  package static let neighbours = 10
  /// Passages whose neighbours are looked at.
  private static let probes = 500

  package init(effectiveRank: Double, dimensions: Int, agreement: Double?, chance: Double?) {
    self.effectiveRank = effectiveRank
    self.dimensions = dimensions
    self.agreement = agreement
    self.chance = chance
  }

  /// - Parameters:
  ///   - vectors: source vectors, n × D.
  ///   - groups: the group of each row, or none.
  /// - Throws: where all vectors are the same, or one is not finite.
  package init(of vectors: Matrix, groups: [String], seed: UInt64) throws {
    effectiveRank = try EffectiveRank.of(vectors)
    dimensions = vectors.columns
    let sizes = Dictionary(groups.map { ($0, 1) }, uniquingKeysWith: +)
    guard groups.count == vectors.rows, sizes.count > 1, vectors.rows > Self.neighbours else {
      (agreement, chance) = (nil, nil)
      return
    }
    var generator = SeededGenerator(seed: seed)
    let probes = generator.sample(Self.probes, below: vectors.rows)
    var (same, expected) = (0, 0.0)
    for start in stride(from: 0, to: probes.count, by: 32) {
      let slice = Array(probes[start..<min(start + 32, probes.count)])
      let scores = vectors.rows(at: slice).timesTransposed(vectors)
      for (row, probe) in slice.enumerated() {
        let nearest = Ranking.best(
          Self.neighbours + 1, of: scores.values[row * scores.columns..<(row + 1) * scores.columns]
        ).filter { $0 != probe }.prefix(Self.neighbours)
        same += nearest.count { groups[$0] == groups[probe] }
        expected += Double(sizes[groups[probe]]! - 1) / Double(vectors.rows - 1)
      }
    }
    agreement = Double(same) / Double(probes.count * Self.neighbours)
    chance = expected / Double(probes.count)
  }

  /// Whether neighbours are hardly more of a kind than chance makes them.
  package var isScattered: Bool {
    guard let agreement, let chance else { return false }
    return agreement < 2 * chance && agreement < chance + 0.1
  }

  /// "effective rank 187 of 384; 61 % of a passage's nearest ten are of its folder (by chance 9 %)".
  package var words: String {
    var words = "effective rank \(Int(effectiveRank.rounded())) of \(dimensions)"
    if let agreement, let chance {
      words += "; \(percent(agreement)) of a passage's nearest ten are of its folder (by chance \(percent(chance)))"
    }
    return words
  }

  private func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }
}
