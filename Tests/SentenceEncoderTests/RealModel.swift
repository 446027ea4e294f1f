import Foundation
import SentenceEncoder
import SystemPackage
import Testing

/// The real models, which the golden numbers are of, where `scripts/fetch-model` puts them.
enum RealModel {
  /// all-MiniLM-L6-v2: the file that FUMIKURA_MODEL names, or the one in `models/`.
  static func open() throws -> EncoderModel {
    let path = ProcessInfo.processInfo.environment["FUMIKURA_MODEL"] ?? path("all-MiniLM-L6-v2")
    try #require(
      FileManager.default.fileExists(atPath: path),
      "no model at \(path): run scripts/fetch-model, or name the file in FUMIKURA_MODEL")
    return try EncoderModel(contentsOf: FilePath(path))
  }

  /// Whether the tests of multilingual-e5-small are to run: where its file is, and in CI, which must not skip them.
  static let hasMultilingual =
    FileManager.default.fileExists(atPath: path("multilingual-e5-small"))
    || ProcessInfo.processInfo.environment["CI"] != nil

  /// multilingual-e5-small, in `models/`.
  static func openMultilingual() throws -> EncoderModel {
    try EncoderModel(contentsOf: FilePath(path("multilingual-e5-small")))
  }

  private static func path(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("models/\(name).fmodel").path
  }
}
