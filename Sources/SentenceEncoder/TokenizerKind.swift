import Foundation

/// How a model's tokenizer finds its pieces; the raw value is what a model file's header says (`tokenizer`).
package enum TokenizerKind: String, NamedChoice {
  case wordPiece = "wordpiece"
  case unigram

  /// What we use of `tokenizer.json`.
  private struct TokenizerFile: Decodable {
    struct Model: Decodable {
      let type: String?
    }
    let model: Model
  }

  /// The kind of the tokenizer in a model's folder: what `tokenizer.json` names, or WordPiece where there is only a
  /// `vocab.txt`.
  static func of(_ source: ModelSource, path: String) throws(EncoderModelError) -> TokenizerKind {
    guard let file = try source.json(path + "tokenizer.json", as: TokenizerFile.self) else {
      guard try source.withBytes(path + "vocab.txt", { (_) throws(EncoderModelError) in }) != nil else {
        throw .missingPart(
          source: source.name, part: path + "tokenizer.json",
          hint: "it holds the tokenizer; a BERT model may have vocab.txt instead, sentencepiece.bpe.model is not read")
      }
      return .wordPiece
    }
    switch file.model.type {
    case "WordPiece", nil: return .wordPiece
    case "Unigram": return .unigram
    case let type?:
      throw .unsupported(source: source.name, what: "tokenizer's model", got: type, supported: "WordPiece, Unigram")
    }
  }
}
