import Foundation

/// `config.json` of a pooling module.
struct PoolingConfiguration {
  let pooling: Pooling

  /// Old files have a flag for each mode, new ones a name.
  private struct File: Decodable {
    /// A name or a list of names.
    struct Modes: Decodable {
      let names: [String]

      init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        do {
          names = [try container.decode(String.self)]
        } catch DecodingError.typeMismatch {
          names = try container.decode([String].self)
        }
      }
    }

    let poolingMode: Modes?
    let poolingModeClsToken: Bool?
    let poolingModeMeanTokens: Bool?
    let poolingModeMaxTokens: Bool?
    let poolingModeMeanSqrtLenTokens: Bool?
    let poolingModeWeightedmeanTokens: Bool?
    let poolingModeLasttoken: Bool?
    let wordEmbeddingDimension: Int?
    let embeddingDimension: Int?
    let includePrompt: Bool?
  }

  init(_ source: ModelSource, part: String, width: Int) throws(EncoderModelError) {
    guard let file = try source.json(part, as: File.self) else {
      throw .missingPart(source: source.name, part: part, hint: "the pooling's configuration")
    }
    let flags = [
      ("cls", file.poolingModeClsToken), ("max", file.poolingModeMaxTokens), ("mean", file.poolingModeMeanTokens),
      ("mean_sqrt_len_tokens", file.poolingModeMeanSqrtLenTokens), ("weightedmean", file.poolingModeWeightedmeanTokens),
      ("lasttoken", file.poolingModeLasttoken),
    ]
    var modes = file.poolingMode?.names ?? flags.filter { $0.1 == true }.map(\.0)
    // Without any, sentence-transformers takes the mean.
    if modes.isEmpty { modes = ["mean"] }
    guard modes.count == 1, let pooling = Pooling(rawValue: modes[0]) else {
      throw .unsupported(
        source: source.name, what: "pooling", got: modes.joined(separator: " + "),
        supported: "one of \(Pooling.supported)")
    }
    guard file.includePrompt != false else {
      throw .unsupported(
        source: source.name, what: "pooling", got: "one that leaves the prompt's tokens out",
        supported: "pooling over all tokens")
    }
    if let given = file.wordEmbeddingDimension ?? file.embeddingDimension, given != width {
      throw .malformedPart(
        source: source.name, part: part, got: "vectors of \(given) numbers", expected: "\(width), the transformer's")
    }
    self.pooling = pooling
  }
}
