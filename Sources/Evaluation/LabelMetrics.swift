/// How well neighbours share a label, for one query with a label against rows with labels.
package enum LabelMetrics {
  /// Average precision of a full ranking: the mean, over the rows that share the label, of the share of such rows down
  /// to there. Nil where no row has it.
  package static func averagePrecision(relevant: some Sequence<Bool>) -> Double? {
    var found = 0
    var sum = 0.0
    for (index, isRelevant) in relevant.enumerated() where isRelevant {
      found += 1
      sum += Double(found) / Double(index + 1)
    }
    return found == 0 ? nil : sum / Double(found)
  }

  /// The label that most of the nearest rows have; equal counts go to the label whose nearest row is nearer.
  /// `nearest` holds the labels of the k nearest rows, nearest first.
  package static func vote<Label: Hashable>(_ nearest: some Sequence<Label>) -> Label? {
    var counts: [Label: (count: Int, first: Int)] = [:]
    for (place, label) in nearest.enumerated() { counts[label, default: (0, place)].count += 1 }
    return counts.max { ($0.value.count, $1.value.first) < ($1.value.count, $0.value.first) }?.key
  }
}
