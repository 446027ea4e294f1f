/// A sentence-transformers model of a kind that we can compute: its configuration read and checked, to be written as a
/// model file.
///
/// Supported are a transformer of the BERT or XLM-RoBERTa family, one pooling, any number of dense layers, and
/// normalisation at the end or none; anything else is refused by name.
struct SentenceTransformersModel {
  private let source: ModelSource
  private let configuration: TransformerConfiguration
  private let maximumTokens: Int
  private let pooling: Pooling
  private let dense: [(configuration: DenseConfiguration, path: String)]
  private let normalizes: Bool
  private let prompts: Prompts
  /// The transformer's folder, empty or with a slash at its end.
  private let path: String

  /// A row of `modules.json`.
  private struct Module: Decodable {
    let path: String
    let type: String

    /// The class without its package, which has changed between versions.
    var kind: String { type.split(separator: ".").last.map(String.init) ?? type }
    /// The module's folder, empty or with a slash at its end.
    var folder: String { path.isEmpty || path.hasSuffix("/") ? path : path + "/" }
  }

  /// `sentence_bert_config.json`.
  private struct Limits: Decodable {
    let maxSeqLength: Int?
    let doLowerCase: Bool?
    let transformerTask: String?
    let moduleOutputName: String?
  }

  /// `tokenizer_config.json`. A tokenizer without a limit has a number of thirty digits there.
  private struct TokenizerLimits: Decodable {
    let modelMaxLength: Double?
  }

  /// `config_sentence_transformers.json`.
  private struct Configuration: Decodable {
    let prompts: [String: String]?
    let modelType: String?
  }

  private static let longestPrompt = 4096

  init(_ source: ModelSource) throws(EncoderModelError) {
    func unsupported(_ what: String, _ got: String, _ supported: String) -> EncoderModelError {
      .unsupported(source: source.name, what: what, got: got, supported: supported)
    }
    let modules = try source.json("modules.json", as: [Module].self) ?? []
    let kinds = modules.map(\.kind)
    let between = kinds.dropFirst(2).drop { $0 == "Dense" }
    guard kinds.starts(with: ["Transformer", "Pooling"]), between.isEmpty || Array(between) == ["Normalize"],
      kinds.count <= 19
    else {
      throw unsupported(
        "modules", kinds.joined(separator: " + "), "Transformer + Pooling, then any Dense layers, then Normalize or not"
      )
    }
    path = modules[0].folder
    let configuration = try TransformerConfiguration(source, part: path + "config.json")
    self.configuration = configuration
    pooling = try PoolingConfiguration(
      source, part: modules[1].folder + "config.json", width: configuration.hiddenSize
    ).pooling
    var dense: [(configuration: DenseConfiguration, path: String)] = []
    var width = configuration.hiddenSize
    for module in modules where module.kind == "Dense" {
      let layer = try DenseConfiguration(source, part: module.folder + "config.json", width: width)
      dense.append((layer, module.folder))
      width = layer.description.outputs
    }
    self.dense = dense
    normalizes = kinds.last == "Normalize"

    let limits = try source.json(path + "sentence_bert_config.json", as: Limits.self)
    if let task = limits?.transformerTask, task != "feature-extraction" {
      throw unsupported("transformer's task", task, "feature-extraction")
    }
    if let output = limits?.moduleOutputName, output != "token_embeddings" {
      throw unsupported("transformer's output", output, "token_embeddings")
    }
    maximumTokens = try Self.maximumTokens(limits?.maxSeqLength, configuration, source, path)
    let file = try source.json("config_sentence_transformers.json", as: Configuration.self)
    if let type = file?.modelType, type != "SentenceTransformer" {
      throw unsupported("kind", type, "SentenceTransformer")
    }
    prompts = try Self.prompts(file?.prompts ?? [:], source)
    self.source = source
    if limits?.doLowerCase == true, try !tokenizerLowercases() {
      throw unsupported(
        "do_lower_case", "true with a tokenizer that keeps capitals", "a tokenizer that lower-cases by itself")
    }
  }

  /// What `sentence_bert_config.json` says, else what the tokenizer and the positions allow.
  private static func maximumTokens(
    _ given: Int?, _ configuration: TransformerConfiguration, _ source: ModelSource, _ path: String
  ) throws(EncoderModelError) -> Int {
    let positions = configuration.positions
    if let given {
      // A model of XLM-R may name its positions as they are numbered in its weights.
      let tokens = given == configuration.storedPositions ? positions : given
      guard (2...max(2, positions)).contains(tokens) else {
        throw .malformedPart(
          source: source.name, part: path + "sentence_bert_config.json", got: "max_seq_length \(given)",
          expected: "2 to the positions that it has, \(positions)")
      }
      return tokens
    }
    let limit = try source.json(path + "tokenizer_config.json", as: TokenizerLimits.self)?.modelMaxLength ?? .infinity
    return limit >= 2 && limit < Double(positions) ? Int(limit) : positions
  }

  /// Of the names for what is looked through, the first one that is not empty: sentence-transformers saves an empty
  /// "document" beside the "passage" that a model of E5 was given.
  private static func prompts(
    _ named: [String: String], _ source: ModelSource
  ) throws(EncoderModelError) -> Prompts {
    let prompts = Prompts(
      query: named["query"] ?? "",
      passage: ["document", "passage", "corpus"].lazy.compactMap { named[$0] }.first { !$0.isEmpty } ?? "")
    for prompt in [prompts.query, prompts.passage] where prompt.utf8.count > longestPrompt {
      throw .malformedPart(
        source: source.name, part: "config_sentence_transformers.json", got: "a prompt of \(prompt.utf8.count) bytes",
        expected: "at most \(longestPrompt)")
    }
    return prompts
  }

  private func tokenizerLowercases() throws(EncoderModelError) -> Bool {
    guard try TokenizerKind.of(source, path: path) == .wordPiece else { return false }
    return try WordPieceImport(source, path: path, vocabulary: configuration.vocabulary).description.normalization
      .lowercases
  }

  /// The model with its tokenizer and weights. These are checked for their names, types and shapes now, and for numbers
  /// that are none as they are written.
  func draft(name: String) throws(EncoderModelError) -> ModelDraft {
    let weights = try TransformerWeights(WeightFiles(source, path: path), configuration)
    var parts = try weights.parts()
    for (index, layer) in dense.enumerated() {
      parts += try denseParts(index, layer.configuration, WeightFiles(source, path: layer.path))
    }
    let tokenizer = try TokenizerImport(source, path: path, vocabulary: configuration.vocabulary)
    return ModelDraft(
      name: name, origin: configuration.origin, family: configuration.family, hiddenSize: configuration.hiddenSize,
      layers: configuration.layers, heads: configuration.heads, feedForward: configuration.feedForward,
      vocabulary: configuration.vocabulary, maximumTokens: maximumTokens, positions: configuration.positions,
      layerNormEpsilon: configuration.layerNormEpsilon, activation: configuration.activation, pooling: pooling,
      dense: dense.map(\.configuration.description), normalizes: normalizes, prompts: prompts,
      weightType: weights.type.rawValue, tokenizer: tokenizer, parts: parts)
  }

  /// A dense layer's weight and bias; one without a bias gets zeros.
  private func denseParts(
    _ index: Int, _ configuration: DenseConfiguration, _ weights: WeightFiles
  ) throws(EncoderModelError) -> [ModelFileFormat.NamedPart] {
    let layer = configuration.description
    let shape = [layer.outputs, layer.inputs]
    let bias =
      configuration.hasBias
      ? try weights.floats("linear.bias", shape: [layer.outputs]) : [Float](repeating: 0, count: layer.outputs)
    return [
      ModelFileFormat.NamedPart(
        "dense.\(index).weight", .float32, shape: shape, try weights.floats("linear.weight", shape: shape)),
      ModelFileFormat.NamedPart("dense.\(index).bias", .float32, shape: [layer.outputs], bias),
    ]
  }
}
