import Foundation
import SystemPackage

/// A sentence-transformers model of a kind that we can compute: its configuration read and checked, to be written as a
/// model file.
struct SentenceTransformersModel {
  private let source: ModelSource
  private let configuration: Configuration
  private let maximumTokens: Int
  private let transformerPath: String

  /// `config.json` of the transformer.
  private struct Configuration: Decodable {
    let modelType: String
    let hiddenSize: Int
    let numHiddenLayers: Int
    let numAttentionHeads: Int
    let intermediateSize: Int
    let vocabSize: Int
    let maxPositionEmbeddings: Int
    let typeVocabSize: Int
    let layerNormEps: Float
    let hiddenAct: String
    let positionEmbeddingType: String?
  }

  /// A row of `modules.json`.
  private struct Module: Decodable {
    let path: String
    let type: String

    /// The class without its package, which has changed between versions.
    var kind: String { type.split(separator: ".").last.map(String.init) ?? type }
  }

  /// `sentence_bert_config.json`.
  private struct Limits: Decodable {
    let maxSeqLength: Int?
  }

  init(_ source: ModelSource) throws(EncoderModelError) {
    func unsupported(_ what: String, _ got: String, _ supported: String) -> EncoderModelError {
      .unsupported(source: source.name, what: what, got: got, supported: supported)
    }
    let modules = try source.json("modules.json", as: [Module].self) ?? []
    guard modules.map(\.kind) == ["Transformer", "Pooling", "Normalize"] else {
      throw unsupported(
        "modules", modules.map(\.kind).joined(separator: " + "), "Transformer + Pooling + Normalize")
    }
    let path = modules[0].path.isEmpty ? "" : modules[0].path + "/"
    guard let configuration = try source.json(path + "config.json", as: Configuration.self) else {
      throw .missingPart(source: source.name, part: path + "config.json", hint: "the transformer's configuration")
    }
    guard configuration.modelType == "bert" else { throw unsupported("architecture", configuration.modelType, "bert") }
    guard configuration.hiddenAct == "gelu" else { throw unsupported("activation", configuration.hiddenAct, "gelu") }
    if let kind = configuration.positionEmbeddingType, kind != "absolute" {
      throw unsupported("position embedding", kind, "absolute")
    }
    try Self.checkPooling(modules[1].path + "/config.json", of: source)
    for (what, got) in [
      ("hidden_size", configuration.hiddenSize), ("num_hidden_layers", configuration.numHiddenLayers),
      ("num_attention_heads", configuration.numAttentionHeads), ("intermediate_size", configuration.intermediateSize),
      ("vocab_size", configuration.vocabSize), ("type_vocab_size", configuration.typeVocabSize),
    ] where !(1...4_000_000).contains(got) {
      throw .malformedPart(
        source: source.name, part: path + "config.json", got: "\(what) \(got)", expected: "1 or more")
    }
    guard configuration.hiddenSize % configuration.numAttentionHeads == 0 else {
      throw .malformedPart(
        source: source.name, part: path + "config.json",
        got: "hidden_size \(configuration.hiddenSize) in \(configuration.numAttentionHeads) heads",
        expected: "a multiple")
    }
    let limits = try source.json(path + "sentence_bert_config.json", as: Limits.self)
    maximumTokens = limits?.maxSeqLength ?? configuration.maxPositionEmbeddings
    guard (2...max(2, configuration.maxPositionEmbeddings)).contains(maximumTokens) else {
      throw .malformedPart(
        source: source.name, part: path + "sentence_bert_config.json", got: "max_seq_length \(maximumTokens)",
        expected: "2 to max_position_embeddings, \(configuration.maxPositionEmbeddings)")
    }
    self.source = source
    self.configuration = configuration
    transformerPath = path
  }

  /// Mean pooling alone, as old configurations (`pooling_mode_mean_tokens: true`) and new ones (`pooling_mode: "mean"`)
  /// say it.
  private static func checkPooling(_ part: String, of source: ModelSource) throws(EncoderModelError) {
    guard let bytes = try source.text(part) else {
      throw .missingPart(source: source.name, part: part, hint: "the pooling's configuration")
    }
    guard let values = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any] else {
      throw .malformedPart(source: source.name, part: part, got: "no JSON object", expected: "one")
    }
    var modes = values.filter { $0.key.hasPrefix("pooling_mode_") && $0.value as? Bool == true }
      .map { String($0.key.dropFirst("pooling_mode_".count)) }.sorted()
    if let mode = values["pooling_mode"] { modes.append("\(mode)_tokens") }
    guard modes == ["mean_tokens"] else {
      throw .unsupported(
        source: source.name, what: "pooling", got: modes.joined(separator: " + "), supported: "mean_tokens")
    }
  }

  /// Reads the tokenizer and the weights and writes the model file.
  func write(to path: FilePath, name: String) throws {
    let allowed = { (byte: UInt8) in
      byte >= 0x80 || "-._+".utf8.contains(byte) || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
        || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
    }
    guard !name.isEmpty, !name.hasPrefix("."), name.utf8.allSatisfy(allowed) else {
      throw EncoderModelError.malformedPart(
        source: source.name, part: "the name for it", got: "\"\(name)\"", expected: "letters, digits, - . _ +")
    }
    let tokenizer = try WordPieceImport(source, path: transformerPath, vocabulary: configuration.vocabSize)
    guard let weights = try source.withBytes(transformerPath + "model.safetensors", weightParts) else {
      throw EncoderModelError.missingPart(
        source: source.name, part: transformerPath + "model.safetensors",
        hint: "other formats, such as pytorch_model.bin, are not read")
    }
    try ModelFileFormat.write(tokenizer.parts + weights, to: path) { parts in
      EncoderModelHeader(
        name: name, origin: nil, family: .bert, hiddenSize: configuration.hiddenSize,
        dimensions: configuration.hiddenSize, layers: configuration.numHiddenLayers,
        heads: configuration.numAttentionHeads, feedForward: configuration.intermediateSize,
        vocabulary: configuration.vocabSize, maximumTokens: maximumTokens,
        positions: configuration.maxPositionEmbeddings, layerNormEpsilon: configuration.layerNormEps,
        activation: .gelu, pooling: .mean, dense: [], normalizes: true, prompts: .none, weightType: "F32",
        tokenizer: .wordPiece, wordPiece: tokenizer.description, unigram: nil, parts: parts)
    }
  }

  /// The weights under our names: query, key and value in one matrix, token type 0 alone, the unused pooler left out.
  private func weightParts(_ bytes: UnsafeRawBufferPointer) throws(EncoderModelError) -> [ModelFileFormat.NamedPart] {
    let tensors = try SafeTensors(bytes, source: source.name, part: "model.safetensors")
    // A model saved with a head on top has its body under "bert.".
    let prefix = tensors.tensors.keys.contains("bert.embeddings.word_embeddings.weight") ? "bert." : ""
    let (width, inner) = (configuration.hiddenSize, configuration.intermediateSize)
    var parts: [ModelFileFormat.NamedPart] = []
    func add(_ name: String, _ originals: [String], shape: [Int]) throws(EncoderModelError) {
      var values: [Float] = []
      for original in originals { values += try tensors.floats(prefix + original, shape: shape) }
      let whole = [shape[0] * originals.count] + shape.dropFirst()
      parts.append(ModelFileFormat.NamedPart(name, .float32, shape: whole, values))
    }
    func addPair(_ name: String, _ originals: [String], _ shape: [Int]) throws(EncoderModelError) {
      try add("\(name).weight", originals.map { "\($0).weight" }, shape: shape)
      try add("\(name).bias", originals.map { "\($0).bias" }, shape: [shape[0]])
    }
    try add("embedding.words", ["embeddings.word_embeddings.weight"], shape: [configuration.vocabSize, width])
    try add(
      "embedding.positions", ["embeddings.position_embeddings.weight"],
      shape: [configuration.maxPositionEmbeddings, width])
    let types = try tensors.floats(
      prefix + "embeddings.token_type_embeddings.weight", shape: [configuration.typeVocabSize, width])
    parts.append(ModelFileFormat.NamedPart("embedding.type", .float32, shape: [width], Array(types.prefix(width))))
    try addPair("embedding.norm", ["embeddings.LayerNorm"], [width])
    for index in 0..<configuration.numHiddenLayers {
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
}
