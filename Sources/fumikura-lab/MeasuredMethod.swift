import ArgumentParser
import RateReduction

/// The ways to make vectors small that `fumi evaluate` compares.
enum MeasuredMethod: String, CaseIterable {
  case full, truncate, random, pca
  case pcaWhitened = "pca-whitened"
  case itq
  /// Optimised product quantisation of whitened PCA.
  case opq
  case mcr2
  /// Linear discriminant analysis on labels.
  case lda
  /// The network of `mcr2`, trained on labels by supervised contrast alone.
  case contrast
  /// No projection of the model's vectors, but those of a static student that is distilled on the corpus.
  case `static`

  /// Those that need no labels.
  static let unlabelled = allCases.filter { $0 != .lda && $0 != .contrast }

  /// The projector that rows go through before they are coded; nil where it is trained, or there is none.
  var untrained: ProjectionMethod? {
    switch self {
    case .opq: .pcaWhitened
    case .mcr2, .lda, .contrast, .static: nil
    default: ProjectionMethod(rawValue: rawValue)
    }
  }

  /// Whether it is a projector, which codes of any kind can follow. `opq` is a code itself.
  var isProjector: Bool { self != .opq }
}
