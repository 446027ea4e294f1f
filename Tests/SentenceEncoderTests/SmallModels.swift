import Foundation
import Testing

@testable import SentenceEncoder

/// The small models that sentence-transformers made and saved, with its own answers: see Golden/make-models.py.
struct SmallModels: Decodable {
  struct Answers: Decodable {
    let name: String
    /// One a text: token ids as they are without a prompt.
    let ids: [[Int32]]
    /// Unit vectors.
    let plain: [[Double]]
    /// Where the model has prompts.
    let query: [[Double]]?
    let passage: [[Double]]?
  }

  let texts: [String]
  let models: [Answers]

  static func load() throws -> SmallModels {
    try JSONDecoder().decode(SmallModels.self, from: Data(contentsOf: folder().appendingPathComponent("golden.json")))
  }

  static func folder() throws -> URL {
    try #require(Bundle.module.url(forResource: "Golden", withExtension: nil)).appendingPathComponent("models")
  }

  /// A model's zip archive.
  static func archive(_ name: String) throws -> URL { try folder().appendingPathComponent("\(name).zip") }

  /// Unpacks a model's archive into `folder`, and returns the model's own folder in it.
  static func unpack(_ name: String, into folder: URL) throws -> URL {
    let archive = try ZipArchive(MappedFile(path: archive(name).filePath))
    for entry in archive.entries {
      let file = folder.appendingPathComponent(entry.name)
      try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(archive.bytes(of: entry).copied()).write(to: file)
    }
    return folder.appendingPathComponent(name)
  }
}
