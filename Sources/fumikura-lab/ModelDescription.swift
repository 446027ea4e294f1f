import Foundation
import SentenceEncoder
import SystemPackage

/// What the `model` commands say of a model.
struct ModelDescription: Encodable {
  /// What is put in front of a text.
  struct Prompts: Encodable {
    let query: String
    let passage: String
  }

  struct Dense: Encodable {
    let inputs: Int
    let outputs: Int
    let activation: String
  }

  let name: String
  let hash: String
  let dimensions: Int
  let maximumTokens: Int
  let bytes: Int
  let path: String
  let summary: String
  let origin: String?
  let architecture: String
  let layers: Int
  let heads: Int
  let hiddenSize: Int
  let feedForward: Int
  let activation: String
  let pooling: String
  let dense: [Dense]
  let normalizes: Bool
  let prompts: Prompts
  let tokenizer: String
  let pieces: Int
  let positions: Int
  let weightType: String

  enum CodingKeys: String, CodingKey {
    case name, hash, dimensions, bytes, path, summary, origin, architecture, layers, heads, activation, pooling, dense
    case normalizes, prompts, tokenizer, pieces, positions
    case maximumTokens = "maximum_tokens"
    case hiddenSize = "hidden_size"
    case feedForward = "feed_forward"
    case weightType = "weight_type"
  }

  init(_ model: EncoderModel) throws {
    let header = model.header
    name = model.name
    hash = "\(model.hash)"
    dimensions = model.dimensions
    maximumTokens = model.maximumTokens
    path = model.path.string
    summary = model.summary
    bytes = try FileManager.default.attributesOfItem(atPath: model.path.string)[.size] as? Int ?? 0
    origin = header.origin
    architecture = header.family.rawValue
    layers = header.layers
    heads = header.heads
    hiddenSize = header.hiddenSize
    feedForward = header.feedForward
    activation = header.activation.rawValue
    pooling = header.pooling.rawValue
    dense = header.dense.map { Dense(inputs: $0.inputs, outputs: $0.outputs, activation: $0.activation.rawValue) }
    normalizes = header.normalizes
    prompts = Prompts(query: header.prompts.query, passage: header.prompts.passage)
    tokenizer = header.tokenizer.rawValue
    pieces = header.vocabulary
    positions = header.positions
    weightType = header.weightType
  }

  /// Label and text of each line for people. What a file says is shown quoted or is made of known words.
  var lines: [(label: String, text: String)] {
    func prompt(_ text: String) -> String { text.isEmpty ? "none" : text.debugDescription }
    guard layers > 0 else {
      return [
        ("name", name),
        ("distilled from", origin?.debugDescription ?? "not said"),
        ("architecture", "static: no layers; the sum of the tokens' vectors, scaled to length 1"),
        ("dimensions", "\(dimensions)"),
        ("tokens", "\(maximumTokens) at most"),
        ("tokenizer", "\(tokenizer), \(pieces) pieces"),
        ("weights", "eight bits, a scale for each piece"),
        ("size", "\(bytes) bytes"),
        ("path", path),
        ("hash", hash),
      ]
    }
    let layers = dense.map { ", then \($0.outputs) by a dense layer (\($0.activation))" }.joined()
    return [
      ("name", name),
      ("made from", origin?.debugDescription ?? "not said"),
      ("architecture", "\(architecture): \(self.layers) layers, \(heads) heads, \(hiddenSize) and \(feedForward) wide"),
      ("activation", activation),
      ("pooling", "\(pooling)\(layers)"),
      ("dimensions", "\(dimensions)"),
      (
        "vectors",
        normalizes
          ? "scaled to length 1"
          : "scaled to length 1, though the model itself does not: an index compares directions"
      ),
      ("prompts", "for queries \(prompt(prompts.query)), for passages \(prompt(prompts.passage))"),
      ("tokens", "\(maximumTokens) at most, of \(positions) positions"),
      ("tokenizer", "\(tokenizer), \(pieces) pieces"),
      ("weights", "from \(weightType)"),
      ("size", "\(bytes) bytes"),
      ("path", path),
      ("hash", hash),
    ]
  }
}
