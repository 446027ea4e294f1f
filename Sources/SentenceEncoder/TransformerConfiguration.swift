/// `config.json` of a transformer: what shape it has and whether we can compute it.
struct TransformerConfiguration {
  let origin: String?
  let family: ModelFamily
  let hiddenSize: Int
  let layers: Int
  let heads: Int
  let feedForward: Int
  let vocabulary: Int
  let types: Int
  let layerNormEpsilon: Float
  let activation: FeedForwardActivation
  /// Rows of the position embeddings in the source's weights.
  let storedPositions: Int
  /// The row of a text's first token.
  let firstPosition: Int

  /// Positions that a text can take.
  var positions: Int { storedPositions - firstPosition }

  private struct File: Decodable {
    let modelType: String
    let hiddenSize: Int
    let numHiddenLayers: Int
    let numAttentionHeads: Int
    let intermediateSize: Int
    let vocabSize: Int
    let maxPositionEmbeddings: Int
    let typeVocabSize: Int?
    let layerNormEps: Float?
    let hiddenAct: String?
    let positionEmbeddingType: String?
    let padTokenId: Int?
    let isDecoder: Bool?
    let addCrossAttention: Bool?
    let _nameOrPath: String?
  }

  private static let families: [String: ModelFamily] = ["bert": .bert, "xlm-roberta": .xlmRoberta]
  private static let activations: [String: FeedForwardActivation] = [
    "gelu": .gelu, "gelu_new": .geluTanh, "gelu_fast": .geluTanh, "gelu_pytorch_tanh": .geluTanh, "relu": .relu,
  ]

  init(_ source: ModelSource, part: String) throws(EncoderModelError) {
    func unsupported(_ what: String, _ got: String, _ supported: some Sequence<String>) -> EncoderModelError {
      .unsupported(source: source.name, what: what, got: got, supported: supported.sorted().joined(separator: ", "))
    }
    func broken(_ got: String, _ expected: String) -> EncoderModelError {
      .malformedPart(source: source.name, part: part, got: got, expected: expected)
    }
    guard let file = try source.json(part, as: File.self) else {
      throw .missingPart(source: source.name, part: part, hint: "the transformer's configuration")
    }
    guard let family = Self.families[file.modelType] else {
      throw unsupported("architecture", file.modelType, Self.families.keys)
    }
    guard let activation = Self.activations[file.hiddenAct ?? "gelu"] else {
      throw unsupported("activation", file.hiddenAct ?? "gelu", Self.activations.keys)
    }
    if let kind = file.positionEmbeddingType, kind != "absolute" {
      throw unsupported("position embedding", kind, ["absolute"])
    }
    guard file.isDecoder != true, file.addCrossAttention != true else {
      throw unsupported("kind", "a decoder", ["encoders"])
    }
    // What a configuration leaves out has the value that Hugging Face's transformers takes.
    let types = file.typeVocabSize ?? 2
    for (what, got, highest) in [
      ("hidden_size", file.hiddenSize, 8192), ("num_hidden_layers", file.numHiddenLayers, 256),
      ("num_attention_heads", file.numAttentionHeads, 8192), ("intermediate_size", file.intermediateSize, 65536),
      ("vocab_size", file.vocabSize, 4_000_000), ("type_vocab_size", types, 65536),
      ("max_position_embeddings", file.maxPositionEmbeddings, 65536),
    ] where !(1...highest).contains(got) {
      throw broken("\(what) \(got)", "1 to \(highest)")
    }
    guard file.hiddenSize % file.numAttentionHeads == 0 else {
      throw broken("hidden_size \(file.hiddenSize) in \(file.numAttentionHeads) heads", "a multiple")
    }
    let epsilon = file.layerNormEps ?? 1e-12
    guard epsilon.isFinite, epsilon >= 0, epsilon < 1 else { throw broken("layer_norm_eps \(epsilon)", "0 to 1") }
    let padding = family == .xlmRoberta ? (file.padTokenId ?? 1) : -1
    guard family == .bert || padding >= 0, padding < file.maxPositionEmbeddings - 2 else {
      throw broken(
        "\(file.maxPositionEmbeddings) positions with pad_token_id \(padding)", "positions for two tokens or more")
    }
    origin = file._nameOrPath.flatMap { Self.isHubName($0) ? $0 : nil }
    self.family = family
    hiddenSize = file.hiddenSize
    layers = file.numHiddenLayers
    heads = file.numAttentionHeads
    feedForward = file.intermediateSize
    vocabulary = file.vocabSize
    self.types = types
    layerNormEpsilon = epsilon
    self.activation = activation
    storedPositions = file.maxPositionEmbeddings
    firstPosition = padding + 1
  }

  /// Whether it is OWNER/NAME, and no path of the machine on which the model was saved.
  private static func isHubName(_ text: String) -> Bool {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    return parts.count == 2 && text.utf8.count <= 200
      && parts.allSatisfy { part in
        !part.isEmpty && part.first != "." && part.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }
      }
  }
}
