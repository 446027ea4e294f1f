import Evaluation
import LinearAlgebra
import SentenceEncoder
import SystemPackage

/// A model opened for one command, with its encoder, its threads and its cache.
struct EncodingSession {
  let model: EncoderModel
  /// How it is computed, and why so.
  let choice: EncoderChoice
  var encoder: any SentenceEncoder { choice.encoder }
  var dimensions: Int { model.dimensions }
  private let corpus: CorpusEncoder

  init(_ options: EncodingOptions, cache: CacheOptions? = nil) throws {
    try self.init(model: options.model, path: options.path, threads: options.threads, cache: cache)
  }

  /// - Parameter name: a model's name, or its file.
  init(model name: String, path: EncoderPath?, threads: Int, cache: CacheOptions?) throws {
    useOneThread()
    model = try EncoderModel(contentsOf: ModelDirectories().file(of: name))
    choice = try EncoderChoice(model, path: path)
    let kept = try cache.flatMap { options in
      options.noCache
        ? nil : try EncodingCache(folder: options.cache.map { FilePath($0) } ?? EncodingCache.defaultFolder())
    }
    corpus = CorpusEncoder(
      encoder: choice.encoder, identity: "\(model.hash) \(choice.path) \(choice.kernels)", threads: threads,
      cache: kept)
  }

  /// A unit row for each text, with a progress bar called `label` where anything must be encoded.
  func encode(_ texts: [String], as role: TextRole, label: String) throws -> Matrix {
    let bar = LazyProgressBar(label)
    let rows = try corpus.encode(texts, as: role) { more, total in bar.advance(by: more, of: total) }
    bar.finish()
    return rows
  }
}
