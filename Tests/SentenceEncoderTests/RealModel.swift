import Foundation
import SentenceEncoder
import SystemPackage
import Testing

/// all-MiniLM-L6-v2, which the golden numbers are of: the file that FUMIKURA_MODEL names, or the one in `models/`.
enum RealModel {
  static func open() throws -> EncoderModel {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let path =
      ProcessInfo.processInfo.environment["FUMIKURA_MODEL"]
      ?? root.appendingPathComponent("models/all-MiniLM-L6-v2.fmodel").path
    try #require(
      FileManager.default.fileExists(atPath: path),
      "no model at \(path): run scripts/fetch-model, or name the file in FUMIKURA_MODEL")
    return try EncoderModel(contentsOf: FilePath(path))
  }
}
