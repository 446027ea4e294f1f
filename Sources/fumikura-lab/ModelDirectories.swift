import Foundation
import SystemPackage

/// Where models are looked for by name.
struct ModelDirectories: Sendable {
  /// In the order looked at.
  let folders: [FilePath]

  /// `$FUMIKURA_MODELS` alone where it is set; else `models/` beside this program or in one of the folders above it (a
  /// checkout's own), and what the package installs to.
  init(environment: [String: String] = ProcessInfo.processInfo.environment, program: FilePath = Programs.own) {
    if let named = environment["FUMIKURA_MODELS"], !named.isEmpty {
      folders = [FilePath(named)]
      return
    }
    var found: [FilePath] = []
    var folder = program.removingLastComponent()
    for _ in 0..<6 where folder.lastComponent != nil {
      let models = folder.appending("models")
      if FileManager.default.fileExists(atPath: models.string) { found.append(models) }
      folder.removeLastComponent()
    }
    folders = found + ["/var/lib/fumikura/models"]
  }

  /// The file of a model named, or given by path (anything with a slash, or that ends in `.fmodel`).
  func file(of model: String) throws -> FilePath {
    if model.contains("/") || model.hasSuffix(".fmodel") { return FilePath(model) }
    let files = folders.map { $0.appending("\(model).fmodel") }
    guard let file = files.first(where: { FileManager.default.fileExists(atPath: $0.string) }) else {
      throw LabError.noSuchModel(model, looked: folders)
    }
    return file
  }

  /// Every model file there is, by folder, then by name.
  func all() throws -> [FilePath] {
    try folders.filter { FileManager.default.fileExists(atPath: $0.string) }.flatMap { folder in
      try FileManager.default.contentsOfDirectory(atPath: folder.string)
        .filter { $0.hasSuffix(".fmodel") }.sorted().map { folder.appending($0) }
    }
  }
}
