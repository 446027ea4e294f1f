import Glibc
package import LinearAlgebra

/// Whether classes say anything of what passages are about: how often a passage's nearest of other files are of its
/// class, against what chance alone would give.
///
/// Passages of one file are alike anyway and of one class, so they are no evidence: neighbours are looked for in other
/// files, and files, not passages, are the units of the test. Chance is what comes out where the classes are dealt to
/// the files anew at random, as many files to each class as before; p is the share of such deals that do as well as the
/// real one (a permutation test, the real deal counted among them).
package struct ClassPrediction: Sendable, Hashable, Codable, CustomStringConvertible {
  /// The share of neighbours that are of the passage's class. Neighbours of passages without class are counted, as not.
  package let share: Double
  /// The mean of the same over the random deals.
  package let chance: Double
  /// Corrected for the number of classifications that were tried (Bonferroni).
  package let p: Double
  package let classCount: Int
  /// Passages whose neighbours were looked at, and the files that they are of.
  package let passages: Int
  package let files: Int

  package init(share: Double, chance: Double, p: Double, classCount: Int, passages: Int, files: Int) {
    self.share = share
    self.chance = chance
    self.p = p
    self.classCount = classCount
    self.passages = passages
    self.files = files
  }

  package static let neighbours = 10
  /// Passages that are looked at, and looked among.
  package static let sample = 4000
  private static let deals = 1999
  /// Of what chance leaves, the share that must be explained.
  package static let leastSkill = 0.1
  package static let mostP = 0.01

  /// How many times more often than by chance.
  package var lift: Double { chance > 0 ? share / chance : share > 0 ? .infinity : 1 }
  /// The share explained of what chance leaves: 0 for classes that say nothing, 1 for neighbours that are all of a class.
  package var skill: Double { chance < 1 ? (share - chance) / (1 - chance) : 0 }
  /// Whether it is above chance by a clear margin.
  package var isPredictive: Bool { skill >= Self.leastSkill && p <= Self.mostP }

  package var description: String {
    func percent(_ share: Double) -> String { "\((share * 1000).rounded() / 10) %" }
    let times = lift.isFinite ? "\((lift * 100).rounded() / 100)" : "∞"
    return "\(percent(share)) of the nearest in other files are of a passage's class, by chance \(percent(chance)) "
      + "(lift \(times), \(percent(skill)) of what chance leaves, p \((p * 1e4).rounded() / 1e4); "
      + "\(passages) passages of \(files) files)"
  }

  /// The predictions of several classifications of the same passages, by the same neighbours.
  ///
  /// Brute force on the caller's thread: about a second for ``sample`` passages.
  ///
  /// - Parameters:
  ///   - classifications: for each, the class of each row, −1 for none.
  ///   - vectors: unit rows; of many passages, those of ``probes(among:seed:)``.
  ///   - files: the file of each row, any number.
  ///   - seed: of the deals.
  package static func of(
    _ classifications: [[Int]], vectors: Matrix, files: [Int], seed: UInt64
  ) throws -> [ClassPrediction] {
    for classes in classifications where classes.count != vectors.rows {
      throw RateReductionError.invalid(
        what: "the classes", got: "\(classes.count)", expected: "\(vectors.rows), one a passage")
    }
    guard files.count == vectors.rows else {
      throw RateReductionError.invalid(
        what: "the files of passages", got: "\(files.count)", expected: "\(vectors.rows), one a passage")
    }
    try vectors.checkFinite("the passages")
    var generator = SeededGenerator(seed: seed)
    let links = FileLinks(vectors: vectors, files: files, neighbours: neighbours)
    return classifications.map { classes in
      links.prediction(
        classes: links.classes(of: classes), deals: deals, tried: classifications.count, using: &generator)
    }
  }

  /// The rows to look at of so many: at most ``sample``, ascending.
  package static func probes(among count: Int, seed: UInt64) -> [Int] {
    var generator = SeededGenerator(seed: seed)
    return generator.sample(sample, below: count).sorted()
  }
}
