import Foundation
import SystemPackage
import Testing

@testable import SentenceEncoder

/// The small Unigram tokenizer in the golden files, with one pipeline or another around its vocabulary: see
/// Golden/make-tokenizers.py.
struct UnigramFiles {
  private let folder: URL
  /// By name, what stands in `tokenizer.json` beside the model; "…" for the charsmap.
  let pipelines: [String: [String: Any]]
  private let whole: [String: Any]
  let charsmap: String

  init() throws {
    folder = try #require(Bundle.module.url(forResource: "Golden", withExtension: nil))
    let path = FilePath(folder.appendingPathComponent("unigram.zip").path)
    let source = try ModelSource(ZipArchive(MappedFile(path: path)), path: path)
    whole = try Self.object(Data(try #require(try source.text("tokenizer.json"))))
    charsmap = try #require((whole["normalizer"] as? [String: Any])?["precompiled_charsmap"] as? String)
    let text = String(
      decoding: try Data(contentsOf: folder.appendingPathComponent("unigram-pipelines.json")), as: UTF8.self)
    let filled = text.replacingOccurrences(of: "\"…\"", with: "\"\(charsmap)\"")
    pipelines = try #require(try Self.object(Data(filled.utf8)) as? [String: [String: Any]])
  }

  private static func object(_ data: Data) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  func golden(_ name: String) throws -> Data { try Data(contentsOf: folder.appendingPathComponent(name)) }

  /// The contents of a `tokenizer.json` with a pipeline.
  func form(_ pipeline: String) -> [String: Any] { whole.merging(pipelines[pipeline]!) { $1 } }

  /// The import of a folder that has this `tokenizer.json`.
  func imported(_ form: [String: Any], vocabulary: Int = 1_510) throws -> UnigramImport {
    try imported(JSONSerialization.data(withJSONObject: form), vocabulary: vocabulary)
  }

  func imported(_ json: Data, vocabulary: Int = 1_510) throws -> UnigramImport {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("unigram-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try json.write(to: folder.appendingPathComponent("tokenizer.json"))
    try Data("[]".utf8).write(to: folder.appendingPathComponent("modules.json"))
    return try UnigramImport(ModelSource(folder: FilePath(folder.path)), path: "", vocabulary: vocabulary)
  }

  func tokenizer(_ pipeline: String) throws -> UnigramTokenizer {
    try UnigramTokenizer(imported(form(pipeline)), vocabulary: 1_510)
  }
}
