/// What an administrator asks of small vectors: `[projector] profile_kept` and `profile_bytes`.
package struct ProfileThresholds: Sendable, Hashable, Encodable {
  /// The share of the whole vectors' nDCG@10 that must be kept, by the lower bound of its interval.
  package var kept: Double
  /// Bytes that a passage's codes may take in memory.
  package var bytes: Int

  package init(kept: Double = 0.97, bytes: Int = 384) {
    self.kept = kept
    self.bytes = bytes
  }
}
