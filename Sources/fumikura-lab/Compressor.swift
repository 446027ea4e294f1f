import Evaluation
import LinearAlgebra
import RateReduction

/// Makes rows small in every way that is asked for, as learnt from one corpus; what several ways share is made once.
final class Compressor {
  private struct RescorerKey: Hashable {
    let kind: Rescorer.Kind
    let isTrained: Bool
    let seed: UInt64
  }

  /// What is learnt from.
  private let rows: Matrix
  private let stored: Projector?
  private let candidates: Int?
  private let trained: (_ method: MeasuredMethod, _ dimensions: Int, _ seed: UInt64) throws -> Projector
  private var rescorers: [RescorerKey: Rescorer] = [:]

  /// - Parameters:
  ///   - rows: source vectors of the corpus.
  ///   - trained: gives the projectors of methods that are trained.
  init(
    _ rows: Matrix, _ options: CompressionOptions, stored: Projector?,
    trained: @escaping (_ method: MeasuredMethod, _ dimensions: Int, _ seed: UInt64) throws -> Projector
  ) {
    self.rows = rows
    self.stored = stored
    candidates = options.candidates
    self.trained = trained
  }

  /// The rows that it was learnt from, compressed.
  func compress(_ compression: Compression, seed: UInt64) throws -> CompressedRows {
    try CompressedRows(
      rows, projector: projector(compression, seed), code: code(compression, seed),
      rescorer: rescorer(compression, seed), candidates: candidates)
  }

  /// Some other rows, or a part of them, compressed in one stage.
  func compress(_ others: Matrix, _ compression: Compression, seed: UInt64) throws -> CompressedRows {
    try CompressedRows(others, projector: projector(compression, seed), code: code(compression, seed))
  }

  /// The vectors of a static student, coded as they are.
  func compress(student passages: Matrix, _ compression: Compression, seed: UInt64) throws -> CompressedRows {
    try CompressedRows(
      passages, projector: try ProjectionMethod.full.projector(for: passages, dimensions: passages.columns),
      code: try code(compression, seed), rescorer: nil, candidates: candidates)
  }

  private func projector(_ compression: Compression, _ seed: UInt64) throws -> Projector {
    switch compression.source {
    case .stored: stored!
    case .keywords: preconditionFailure("words have no vectors")
    case .method(let method):
      if let untrained = method.untrained {
        try untrained.projector(for: rows, dimensions: compression.dimensions, seed: seed)
      } else {
        try trained(method, compression.dimensions, seed)
      }
    }
  }

  private func code(_ compression: Compression, _ seed: UInt64) throws -> RowCode {
    switch (compression.source, compression.bits) {
    case (.method(.opq), let bits):
      let (dimensions, bytes) = (compression.dimensions, compression.dimensions * bits / 8)
      guard dimensions * bits % 8 == 0 else {
        throw LabError.unusable(
          "opq: got \(dimensions) dimensions × \(bits) bits, expected whole bytes: a byte names a centroid")
      }
      return .product(bytes: bytes, seed: seed)
    case (_, 32): return .float
    case (.method(.full), 8): return .source
    case (_, let bits): return .grid(bits: bits)
    }
  }

  private func rescorer(_ compression: Compression, _ seed: UInt64) throws -> Rescorer? {
    guard let kind = compression.rescorer else { return nil }
    let isTrained = compression.source == .method(.mcr2)
    let key = RescorerKey(kind: kind, isTrained: kind == .wide && isTrained, seed: kind == .wide ? seed : 0)
    if let known = rescorers[key] { return known }
    let made: Rescorer
    switch kind {
    case .source: made = .source(rows)
    case .wide:
      let dimensions = min(StagedProjector.wideDimensions, rows.columns)
      let projector =
        isTrained
        ? try trained(.mcr2, dimensions, seed)
        : try Projector.whitenedPCA(
          of: rows, dimensions: dimensions, gamma: StagedProjector.wideGamma, rotationSeed: seed)
      made = try .wide(rows, projector: projector)
    }
    rescorers[key] = made
    return made
  }
}
