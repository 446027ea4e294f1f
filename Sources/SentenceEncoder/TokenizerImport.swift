/// A tokenizer that was read out of a model's source: its description for the header and its parts of the file.
struct TokenizerImport {
  let kind: TokenizerKind
  var wordPiece: WordPieceDescription?
  var unigram: UnigramDescription?
  let parts: [ModelFileFormat.NamedPart]

  /// The tokenizer of a sentence-transformers folder: which kind it is says `tokenizer.json`, not the architecture.
  init(_ source: ModelSource, path: String, vocabulary: Int) throws(EncoderModelError) {
    kind = try TokenizerKind.of(source, path: path)
    switch kind {
    case .wordPiece:
      let read = try WordPieceImport(source, path: path, vocabulary: vocabulary)
      wordPiece = read.description
      parts = read.parts
    case .unigram:
      let read = try UnigramImport(source, path: path, vocabulary: vocabulary)
      unigram = read.description
      parts = read.parts
    }
  }

  init(_ read: UnigramImport) {
    kind = .unigram
    unigram = read.description
    parts = read.parts
  }
}
