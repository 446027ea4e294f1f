import Foundation
import SentenceEncoder
import SystemPackage

/// What the `model` commands say of a model.
struct ModelDescription: Encodable {
  let name: String
  let hash: String
  let dimensions: Int
  let maximumTokens: Int
  let bytes: Int
  let path: String
  let summary: String

  enum CodingKeys: String, CodingKey {
    case name, hash, dimensions, bytes, path, summary
    case maximumTokens = "maximum_tokens"
  }

  init(_ model: EncoderModel) throws {
    name = model.name
    hash = "\(model.hash)"
    dimensions = model.dimensions
    maximumTokens = model.maximumTokens
    path = model.path.string
    summary = model.summary
    bytes = try FileManager.default.attributesOfItem(atPath: model.path.string)[.size] as? Int ?? 0
  }
}
