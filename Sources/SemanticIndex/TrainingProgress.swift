/// How far a training is.
package struct TrainingProgress: Sendable, Hashable {
  package enum Phase: String, Sendable, Hashable {
    /// Taking a sample of the source vectors.
    case sampling
    /// Whitened PCA, which needs no training.
    case fitting
    /// Encoding pseudo-queries.
    case encoding
    case training
    /// Comparing with whitened PCA on held-out pseudo-queries.
    case measuring
    /// Making codes of all passages.
    case coding
  }

  package var phase: Phase
  /// Of the phase, from 0 to 1.
  package var fraction: Double
  /// The version that will come of it.
  package var version: Int
}
