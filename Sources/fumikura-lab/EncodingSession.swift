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
    useOneThread()
    model = try EncoderModel(contentsOf: ModelDirectories().file(of: options.model))
    choice = try EncoderChoice(model, path: options.path)
    let kept = try cache.flatMap { options in
      options.noCache
        ? nil : try EncodingCache(folder: options.cache.map { FilePath($0) } ?? EncodingCache.defaultFolder())
    }
    corpus = CorpusEncoder(
      encoder: choice.encoder, identity: "\(model.hash) \(choice.path) \(choice.kernels)", threads: options.threads,
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
