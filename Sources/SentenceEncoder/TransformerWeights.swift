import SystemPackage

/// A BERT or XLM-RoBERTa model's weights under the names of a model file: query, key and value in one matrix, the
/// positions from a text's first token on, token type 0 alone, the unused pooler left out.
struct TransformerWeights {
  private let weights: WeightFiles
  private let configuration: TransformerConfiguration
  /// A model saved with a head on top has its body under a name.
  private let prefix: String
  /// Of the word embeddings.
  let type: WeightType

  private static let words = "embeddings.word_embeddings.weight"

  init(_ weights: WeightFiles, _ configuration: TransformerConfiguration) throws(EncoderModelError) {
    self.weights = weights
    self.configuration = configuration
    prefix = ["bert.", "roberta."].first { weights.has($0 + Self.words) } ?? ""
    type = try weights.raw(prefix + Self.words, shape: [configuration.vocabulary, configuration.hiddenSize]).type
  }

  func parts() throws(EncoderModelError) -> [ModelFileFormat.NamedPart] {
    let (width, inner) = (configuration.hiddenSize, configuration.feedForward)
    var parts = [try wordPart()]
    func addPair(_ name: String, _ originals: [String], _ shape: [Int]) throws(EncoderModelError) {
      parts.append(try part("\(name).weight", originals.map { "\($0).weight" }, shape: shape))
      parts.append(try part("\(name).bias", originals.map { "\($0).bias" }, shape: [shape[0]]))
    }
    parts.append(
      try part(
        "embedding.positions", ["embeddings.position_embeddings.weight"],
        shape: [configuration.storedPositions, width],
        rows: configuration.firstPosition..<configuration.storedPositions))
    let types = try part(
      "embedding.type", ["embeddings.token_type_embeddings.weight"], shape: [configuration.types, width], rows: 0..<1)
    parts.append(ModelFileFormat.NamedPart(types.name, types.number, shape: [width], produce: types.produce))
    try addPair("embedding.norm", ["embeddings.LayerNorm"], [width])
    for index in 0..<configuration.layers {
      let (name, original) = ("layer.\(index)", "encoder.layer.\(index)")
      try addPair(
        "\(name).attention.input", ["query", "key", "value"].map { "\(original).attention.self.\($0)" }, [width, width])
      try addPair("\(name).attention.output", ["\(original).attention.output.dense"], [width, width])
      try addPair("\(name).attention.norm", ["\(original).attention.output.LayerNorm"], [width])
      try addPair("\(name).feedforward.input", ["\(original).intermediate.dense"], [inner, width])
      try addPair("\(name).feedforward.output", ["\(original).output.dense"], [width, inner])
      try addPair("\(name).feedforward.norm", ["\(original).output.LayerNorm"], [width])
    }
    return parts
  }

  /// The word embeddings, in the type that the source has them in, copied in pieces of whole rows.
  private func wordPart() throws(EncoderModelError) -> ModelFileFormat.NamedPart {
    let (rows, width) = (configuration.vocabulary, configuration.hiddenSize)
    let name = prefix + Self.words
    let bytes = try weights.raw(name, shape: [rows, width]).bytes
    let (weights, type) = (weights, type)
    let step = max(1, (4 << 20) / (width * type.width)) * width * type.width
    return ModelFileFormat.NamedPart("embedding.words", type.number, shape: [rows, width]) { put in
      try withExtendedLifetime(weights) {
        for start in stride(from: 0, to: bytes.count, by: step) {
          let piece = UnsafeRawBufferPointer(rebasing: bytes[start..<min(start + step, bytes.count)])
          if let wrong = type.floats(in: piece).firstIndex(where: { !$0.isFinite }) {
            throw weights.notFinite(name, type.floats(in: piece)[wrong], at: start / type.width + wrong)
          }
          try put(piece)
        }
      }
    }
  }

  /// Tensors of one shape below each other, or the given rows of each, widened to float32 as they are written.
  private func part(
    _ name: String, _ originals: [String], shape: [Int], rows: Range<Int>? = nil
  ) throws(EncoderModelError) -> ModelFileFormat.NamedPart {
    let found = originals.map(stored)
    for original in found { _ = try weights.raw(original, shape: shape) }
    let rows = rows ?? 0..<shape[0]
    let width = shape.dropFirst().reduce(1, *)
    let weights = weights
    let whole = [rows.count * originals.count] + shape.dropFirst()
    return ModelFileFormat.NamedPart(name, .float32, shape: whole) { put in
      for original in found {
        let values = try weights.floats(original, shape: shape)
        try values[(rows.lowerBound * width)..<(rows.upperBound * width)].withUnsafeBytes { try put($0) }
      }
    }
  }

  /// The name in the file: with the prefix, and with the gamma and beta that the oldest models call a norm's weight and
  /// bias.
  private func stored(_ name: String) -> String {
    let name = prefix + name
    guard !weights.has(name), name.contains("LayerNorm") else { return name }
    let old = name.hasSuffix(".weight") ? name.dropLast(6) + "gamma" : name.dropLast(4) + "beta"
    return weights.has(String(old)) ? String(old) : name
  }
}
