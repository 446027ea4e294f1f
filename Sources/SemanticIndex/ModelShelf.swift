import Configuration
import Foundation
import LinuxSystem
import Logging
import PassageStore
import SentenceEncoder
import Synchronization
import SystemPackage

/// The models in use, each opened once.
final class ModelShelf: Sendable {
  private let open = Mutex<[SHA256Digest: OpenModel]>([:])
  private let store: PassageStore
  private let logger: Logger

  init(store: PassageStore, logger: Logger) {
    self.store = store
    self.logger = logger
  }

  subscript(hash: SHA256Digest) -> OpenModel? { open.withLock { $0[hash] } }

  /// How each open model is computed on this processor, by name.
  var encoders: [(model: String, path: String, reason: String)] {
    open.withLock { Array($0.values) }.sorted { $0.name < $1.name }
      .map { ($0.name, $0.choice.path.rawValue, $0.choice.reason) }
  }

  /// The name of a model that is open, or was once.
  func name(of hash: SHA256Digest) -> String? {
    self[hash]?.name ?? (try? store.models())?.first { $0.hash == hash }?.name
  }

  /// Opens the file as it is now. Where that model is open already, the one that is comes back.
  func model(at file: FilePath) throws -> OpenModel {
    let model: EncoderModel
    do throws(EncoderModelError) {
      model = try EncoderModel(contentsOf: file)
    } catch {
      throw UnusableModel(reason: Self.words(for: error, file))
    }
    try store.remember(model: model.hash, name: model.name, path: file)
    if let known = self[model.hash] { return known }
    // Outside the lock: an encoder may take a moment to be made, and searches look models up.
    let new = try OpenModel(model)
    logger.notice("model \(new.name): \(new.choice.reason)")
    return open.withLock { open in
      if let known = open[model.hash] { return known }
      open[model.hash] = new
      return new
    }
  }

  private static func words(for error: EncoderModelError, _ file: FilePath) -> String {
    guard case .system(let error) = error, error.code == .noSuchFileOrDirectory else { return error.description }
    let directory = file.removingLastComponent()
    // A folder that cannot be listed has no models to offer.
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: directory.string)) ?? [])
      .filter { $0.hasSuffix(".fmodel") && !$0.hasPrefix(".") }.map { $0.dropLast(7) }.sorted()
    let there = names.isEmpty ? "no model is" : "\(names.joined(separator: ", ")) \(names.count == 1 ? "is" : "are")"
    let help = "scripts/fetch-model and fumi model import get others"
    return "there is no model at \(file), where \(there) in that folder; \(help)"
  }

  /// Opens a model by its hash alone, from where its file was last seen, else from the models directory. Nil where its
  /// file is gone.
  func find(_ hash: SHA256Digest, in modelsDirectory: FilePath) -> OpenModel? {
    if let known = self[hash] { return known }
    var files = (try? store.models())?.filter { $0.hash == hash }.compactMap(\.path) ?? []
    let names = (try? FileManager.default.contentsOfDirectory(atPath: modelsDirectory.string)) ?? []
    files += names.filter { $0.hasSuffix(".fmodel") }.sorted().map { modelsDirectory.appending($0) }
    for file in files {
      // Another model's file, or none any more: the next one may be it.
      guard let model = try? EncoderModel(contentsOf: file), model.hash == hash else { continue }
      return try? self.model(at: file)
    }
    return nil
  }

  /// Lets the system take back what the models' use has brought into memory; it comes again as it is needed.
  func releaseMemory() {
    for model in open.withLock({ Array($0.values) }) { model.model.releaseEmbeddings() }
  }

  /// Closes all others, once whoever still encodes by them is done.
  func keepOnly(_ hashes: Set<SHA256Digest>) {
    open.withLock { open in open = open.filter { hashes.contains($0.key) } }
  }
}

/// A model's file cannot be used, and why.
struct UnusableModel: Error, CustomStringConvertible {
  let reason: String
  var description: String { reason }
}
