package import LinearAlgebra

/// The ways to make vectors smaller that can be compared with one another, by the names that `fumi evaluate` uses.
package enum ProjectionMethod: String, Sendable, CaseIterable {
  /// The source vectors, all dimensions.
  case full
  /// Their first dimensions.
  case truncate
  /// A random Gaussian projection.
  case random
  case pca
  /// Partly whitened PCA on uncentred vectors (γ .25).
  case pcaWhitened = "pca-whitened"
  /// The same, turned so that signs lose the least (iterative quantisation).
  case itq
  /// Trained by ``ProjectorTrainer``.
  case mcr2

  /// Whether this projector comes without a training: all but `mcr2`, which needs pseudo-queries or labels.
  package var isUntrained: Bool { self != .mcr2 }

  /// The projector of an untrained method for a corpus of n × D source vectors. `full` takes no notice of `dimensions`.
  ///
  /// - Throws: ``RateReductionError/invalid(what:got:expected:)`` for `mcr2`; see ``ProjectorTrainer``.
  package func projector(for passages: Matrix, dimensions: Int, seed: UInt64 = 1) throws -> Projector {
    let width = passages.columns
    switch self {
    case .full: return try .truncation(from: width, to: width, rotationSeed: seed)
    case .truncate: return try .truncation(from: width, to: dimensions, rotationSeed: seed)
    case .random: return try .random(from: width, to: dimensions, seed: seed)
    case .pca: return try .pca(of: passages, dimensions: dimensions, rotationSeed: seed)
    case .pcaWhitened: return try .whitenedPCA(of: passages, dimensions: dimensions, rotationSeed: seed)
    case .itq: return try .iterativeQuantization(of: passages, dimensions: dimensions, rotationSeed: seed)
    case .mcr2:
      throw RateReductionError.invalid(what: "an untrained projector", got: rawValue, expected: "a trainer")
    }
  }
}
