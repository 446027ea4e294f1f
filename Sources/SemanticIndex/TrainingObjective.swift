package import Evaluation
package import RateReduction

/// What a training was told belongs together, why that and not something else, and what it was worth; kept in the
/// projector's profile.
package struct TrainingObjective: Sendable, Hashable, Codable, CustomStringConvertible {
  /// One choice of classes against distillation alone, on held-out pseudo-queries.
  package struct Trial: Sendable, Hashable, Codable {
    package let classes: ClassSource
    /// nDCG@10 of the scanned codes, less that of distillation alone.
    package let scanned: PairedDifference
    /// The same of the codes that rank again, where there are any.
    package let wide: PairedDifference?

    package init(classes: ClassSource, scanned: PairedDifference, wide: PairedDifference? = nil) {
      self.classes = classes
      self.scanned = scanned
      self.wide = wide
    }

    /// Whether either stage ranks worse beyond noise.
    package var isLoss: Bool { scanned.isLoss || wide?.isLoss ?? false }
  }

  package let classes: ClassSource
  package let reason: String
  /// What was found of each source that was looked at, by its name.
  package let findings: [String: String]
  /// In the order in which they were tried.
  package let trials: [Trial]

  package init(classes: ClassSource, reason: String, findings: [ClassSource: String], trials: [Trial]) {
    self.classes = classes
    self.reason = reason
    self.findings = Dictionary(uniqueKeysWithValues: findings.map { ($0.key.rawValue, $0.value) })
    self.trials = trials
  }

  /// The source's name.
  package var name: String { classes.rawValue }

  /// "against distillation alone …; folders: …": the reason, and what was found of each source.
  package var account: String {
    ([reason] + findings.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }).joined(separator: "; ")
  }

  package var description: String { "classes: \(classes.words): \(account)" }
}
