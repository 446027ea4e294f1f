import Evaluation
import Foundation
import RateReduction

/// One way of making vectors small that is measured: a row of the result.
struct Compression: Hashable {
  enum Source: Hashable {
    case method(MeasuredMethod)
    /// A projector read from a file.
    case stored
    /// No vectors: words alone.
    case keywords
  }

  let source: Source
  let dimensions: Int
  let bits: Int
  /// What its candidates are ranked again by; nil in one stage. Floats have no second stage.
  let rescorer: Rescorer.Kind?
  let mode: SearchMode

  init(
    source: Source, dimensions: Int, bits: Int, rescorer: Rescorer.Kind? = nil, mode: SearchMode = .semantic
  ) {
    self.source = source
    self.dimensions = dimensions
    self.bits = bits
    self.rescorer = bits < 32 ? rescorer : nil
    self.mode = mode
  }

  /// Search by words, which takes no bytes for vectors.
  static let keywords = Compression(source: .keywords, dimensions: 0, bits: 0, mode: .keyword)

  var name: String {
    switch source {
    case .method(let method): method.rawValue
    case .stored: "projector"
    case .keywords: "keyword"
    }
  }

  /// Whether vectors are kept as the encoder made them.
  var isFull: Bool { source == .method(.full) }

  /// Whitened PCA in the same bytes and stages: what every other way has to beat. Nil for itself and for the full vectors.
  var baseline: Compression? {
    guard source != .method(.pcaWhitened), source != .keywords, !isFull else { return nil }
    return Compression(
      source: .method(.pcaWhitened), dimensions: dimensions, bits: bits, rescorer: rescorer, mode: mode)
  }

  /// Every combination that is asked for. `full` comes once for each number of bits, with all dimensions; a code that has
  /// no floats does not come with 32.
  static func all(
    _ options: CompressionOptions, methods: [MeasuredMethod], of allowed: [MeasuredMethod],
    stored: Projector?, inputDimensions: Int, defaultDimensions: Int, mode: SearchMode = .semantic
  ) throws -> [Compression] {
    if mode == .keyword { return [.keywords] }
    let bits = try options.bitsList()
    let rescorer = options.twoStage ? options.rescorer ?? .wide : nil
    if let stored {
      return bits.map {
        Compression(source: .stored, dimensions: stored.outputDimensions, bits: $0, rescorer: rescorer, mode: mode)
      }
    }
    let dimensions = try options.dimensionsList(otherwise: [defaultDimensions])
    return try options.methods(of: allowed, otherwise: methods).flatMap { method in
      (method == .full ? [inputDimensions] : dimensions).flatMap { dimensions in
        bits.filter { method.isProjector || $0 < 32 }.map {
          Compression(
            source: .method(method), dimensions: dimensions, bits: $0, rescorer: method == .static ? nil : rescorer,
            mode: mode)
        }
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
}
