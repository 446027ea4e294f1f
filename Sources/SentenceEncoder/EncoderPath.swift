/// How vectors are computed.
package enum EncoderPath: String, Sendable, CaseIterable {
  /// float32, nothing approximated.
  case reference
  /// Whole numbers of eight bits.
  case fast
}
