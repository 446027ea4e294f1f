import Evaluation
import Foundation
import LinearAlgebra
import RateReduction

/// One way of making vectors small that is measured: a row of the result.
struct Compression: Hashable {
  enum Source: Hashable {
    case method(ProjectionMethod)
    /// A projector read from a file.
    case stored
  }

  let source: Source
  let dimensions: Int
  let bits: Int

  var name: String {
    switch source {
    case .method(let method): method.rawValue
    case .stored: "projector"
    }
  }

  /// Whether vectors are kept as the encoder made them.
  var isFull: Bool { source == .method(.full) }

  /// Every combination that is asked for. `full` comes once for each number of bits, with all dimensions.
  static func all(
    _ options: CompressionOptions, methods: [ProjectionMethod], stored: Projector?, inputDimensions: Int,
    defaultDimensions: Int
  ) throws -> [Compression] {
    let bits = try options.bitsList()
    if let stored {
      return bits.map { Compression(source: .stored, dimensions: stored.outputDimensions, bits: $0) }
    }
    let dimensions = try options.dimensionsList(otherwise: [defaultDimensions])
    return try options.methods(otherwise: methods).flatMap { method in
      (method == .full ? [inputDimensions] : dimensions).flatMap { dimensions in
        bits.map { Compression(source: .method(method), dimensions: dimensions, bits: $0) }
      }
    }
  }
}

extension CompressionOptions {
  /// The stored projector that is asked for, nil where none is.
  func storedProjector(inputDimensions: Int) throws -> Projector? {
    guard let path = projector else { return nil }
    let stored = try Projector(encoded: Array(try Data(contentsOf: URL(filePath: path))))
    guard stored.inputDimensions == inputDimensions else {
      throw LabError.unusable(
        "\(path): got a projector of \(stored.inputDimensions) dimensions, expected the model's \(inputDimensions)")
    }
    return stored
  }

  /// `rows` compressed. `trained` gives the projectors of `mcr2`.
  func compress(
    _ rows: Matrix, _ compression: Compression, stored: Projector?, seed: UInt64,
    trained: (_ dimensions: Int, _ seed: UInt64) throws -> Projector
  ) throws -> CompressedRows {
    let projector: Projector
    switch compression.source {
    case .stored: projector = stored!
    case .method(.mcr2): projector = try trained(compression.dimensions, seed)
    case .method(let method):
      projector = try method.projector(for: rows, dimensions: compression.dimensions, seed: seed)
    }
    return try CompressedRows(
      rows, projector: projector, bits: compression.bits, isSource: compression.isFull,
      candidates: twoStage && compression.bits < 32 ? candidates : nil)
  }
}
