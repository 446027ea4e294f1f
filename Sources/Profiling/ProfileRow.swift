/// What was measured of one way of keeping vectors small: its quality, on each set of questions, and its costs.
package struct ProfileRow: Sendable, Hashable {
  package let point: ProfilePoint
  package private(set) var measures: [QualityMeasure]
  package var cost: ProfileCost
  /// The share of the passages that the second stage ranks again, of the corpus where it is the largest; nil in one stage.
  package let candidateShare: Double?

  package init(
    point: ProfilePoint, measures: [QualityMeasure], cost: ProfileCost, candidateShare: Double? = nil
  ) {
    precondition(!measures.isEmpty, "a row without a measure says nothing")
    self.point = point
    self.measures = measures
    self.cost = cost
    self.candidateShare = candidateShare
  }

  /// The measure that decides: the one of the lowest lower bound.
  package var deciding: QualityMeasure { measures.min { $0.kept.low < $1.kept.low }! }

  /// On held-out questions of the first corpus.
  package var heldOut: QualityMeasure? { measures.first { $0.queries == .heldOut } }

  /// The row with what its rate reduction is worth, a figure for each measure.
  package func over(distillation differences: [Interval]) -> ProfileRow {
    precondition(differences.count == measures.count, "a difference for each measure")
    var row = self
    for (place, difference) in differences.enumerated() { row.measures[place].overDistillation = difference }
    return row
  }

  /// Whether distillation alone is better beyond noise on any questions; nil where it was not trained.
  package var losesToDistillation: Bool? {
    let differences = measures.compactMap(\.overDistillation)
    return differences.isEmpty ? nil : differences.contains { $0.high < 0 }
  }

  /// Whether it is better than whitened PCA in the same bytes beyond noise on held-out questions, and not worse beyond
  /// noise on any others.
  package var beatsWhitened: Bool {
    guard let difference = heldOut?.overWhitened else { return false }
    return difference.low > 0 && measures.allSatisfy { ($0.overWhitened?.high ?? 0) >= 0 }
  }
}
