/// What is known to be relevant to one query.
package struct Judgements: Sendable, Equatable {
  /// Gain by passage row; 0 or less means judged and not relevant.
  package var gains: [Int: Double]
  /// Gains of judged passages that the corpus does not hold: part of the ideal ranking, never found.
  package var unretrievable: [Double]

  package init(gains: [Int: Double] = [:], unretrievable: [Double] = []) {
    self.gains = gains
    self.unretrievable = unretrievable
  }

  /// How many passages have a gain above 0.
  package var relevantCount: Int {
    gains.values.count { $0 > 0 } + unretrievable.count { $0 > 0 }
  }
}
