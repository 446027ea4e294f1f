import Foundation

/// What was measured of a projector when it was made, as kept beside it in the store.
package struct ProjectorProfile: Sendable, Hashable, Codable {
  /// Passages of the corpus then.
  package var passages: Int
  /// Source vectors that it was made from.
  package var sampled: Int
  /// nDCG@10 on held-out pseudo-queries: its own, and that of whitened PCA in the same bytes.
  package var score: Double?
  package var baselineScore: Double?
  package var heldOutQueries: Int?
  /// What its training was told belongs together, and why that.
  package var objective: TrainingObjective?

  package init(passages: Int, sampled: Int) {
    self.passages = passages
    self.sampled = sampled
  }

  /// Reads what `json` gave; nil where there is none or it is another form.
  package init?(json: String?) {
    guard let json, let profile = try? JSONDecoder().decode(Self.self, from: Data(json.utf8)) else { return nil }
    self = profile
  }

  package var json: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    // Texts and finite numbers: encoding them cannot fail.
    return String(decoding: try! encoder.encode(self), as: UTF8.self)
  }
}
