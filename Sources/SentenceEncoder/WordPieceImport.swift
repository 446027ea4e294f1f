import Foundation

/// Reads a WordPiece tokenizer out of a model's folder: its vocabulary, and `tokenizer.json` (or, where there is none,
/// `tokenizer_config.json`) for what is done to a text before.
struct WordPieceImport {
  let description: WordPieceDescription
  let parts: [ModelFileFormat.NamedPart]

  /// What we use of `tokenizer.json`.
  private struct TokenizerFile: Decodable {
    struct Model: Decodable {
      let type: String?
      let unkToken: String
      let continuingSubwordPrefix: String
      let maxInputCharsPerWord: Int
    }
    struct Normalizer: Decodable {
      let type: String
      let cleanText: Bool?
      let handleChineseChars: Bool?
      let stripAccents: Bool?
      let lowercase: Bool?
    }
    struct PreTokenizer: Decodable {
      let type: String
    }
    let model: Model
    let normalizer: Normalizer?
    let preTokenizer: PreTokenizer?
    let postProcessor: PostProcessor?
    let addedTokens: [TokenizerFileToken]?
  }

  /// What we use of `tokenizer_config.json`.
  private struct TokenizerConfiguration: Decodable {
    let doLowerCase: Bool?
    let stripAccents: Bool?
    let tokenizeChineseChars: Bool?
  }

  init(_ source: ModelSource, path: String, vocabulary: Int) throws(EncoderModelError) {
    let pieces = try WordPieceVocabulary(source, path: path, count: vocabulary).pieces
    let ids = Dictionary(pieces.indices.map { (pieces[$0], Int32($0)) }, uniquingKeysWith: { $1 })
    func id(_ piece: String) throws(EncoderModelError) -> Int32 {
      guard let id = ids[Array(piece.utf8)] else {
        throw .missingPart(
          source: source.name, part: "piece \(piece) in the vocabulary", hint: "the tokenizer needs it")
      }
      return id
    }

    let normalization: BertNormalization
    var special: [WordPieceDescription.SpecialToken] = []
    var conditional: [AddedToken] = []
    var ends: (opening: Int32, closing: Int32)?
    var (unknown, continuation, longest) = ("[UNK]", "##", 100)
    if let file = try source.json(path + "tokenizer.json", as: TokenizerFile.self) {
      func unsupported(_ what: String, _ got: String, _ supported: String) -> EncoderModelError {
        .unsupported(source: source.name, what: "tokenizer's \(what)", got: got, supported: supported)
      }
      if let type = file.model.type, type != "WordPiece" { throw unsupported("model", type, "WordPiece") }
      guard let normalizer = file.normalizer, normalizer.type == "BertNormalizer" else {
        throw unsupported("normalizer", file.normalizer?.type ?? "none", "BertNormalizer")
      }
      guard file.preTokenizer?.type == "BertPreTokenizer" else {
        throw unsupported("pre-tokenizer", file.preTokenizer?.type ?? "none", "BertPreTokenizer")
      }
      guard (1...1000).contains(file.model.maxInputCharsPerWord) else {
        throw unsupported("longest word", "\(file.model.maxInputCharsPerWord)", "1 to 1,000 characters")
      }
      for token in (file.addedTokens ?? []).map(\.token) where !token.text.isEmpty {
        guard (0..<Int32(vocabulary)).contains(token.id) else {
          throw unsupported("token \(token.text)", "number \(token.id)", "numbers below \(vocabulary)")
        }
        if token.isConditional {
          conditional.append(token)
        } else {
          special.append(WordPieceDescription.SpecialToken(text: token.text, id: token.id))
        }
      }
      if let processor = file.postProcessor {
        guard let found = processor.ends else {
          throw unsupported(
            "post-processor", processor.type,
            "one token before a text and one behind it, by TemplateProcessing or BertProcessing")
        }
        for id in [found.opening, found.closing] where !(0..<Int32(vocabulary)).contains(id) {
          throw unsupported("post-processor's token", "number \(id)", "numbers below \(vocabulary)")
        }
        ends = found
      }
      let lowercases = normalizer.lowercase ?? true
      normalization = BertNormalization(
        cleans: normalizer.cleanText ?? true, separatesIdeographs: normalizer.handleChineseChars ?? true,
        stripsAccents: normalizer.stripAccents ?? lowercases, lowercases: lowercases)
      unknown = file.model.unkToken
      continuation = file.model.continuingSubwordPrefix
      longest = file.model.maxInputCharsPerWord
    } else {
      let file = try source.json(path + "tokenizer_config.json", as: TokenizerConfiguration.self)
      let lowercases = file?.doLowerCase ?? true
      normalization = BertNormalization(
        cleans: true, separatesIdeographs: file?.tokenizeChineseChars ?? true,
        stripsAccents: file?.stripAccents ?? lowercases, lowercases: lowercases)
      for text in ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] {
        special.append(WordPieceDescription.SpecialToken(text: text, id: try id(text)))
      }
    }
    let (opening, closing) = if let ends { ends } else { (try id("[CLS]"), try id("[SEP]")) }
    description = WordPieceDescription(
      normalization: normalization, continuation: continuation, maximumWordLength: longest, opening: opening,
      closing: closing, unknown: try id(unknown),
      special: special, conditional: conditional.isEmpty ? nil : conditional)

    let trie = PieceTrie(pieces)
    let table = normalization.table
    var offsets: [UInt32] = [0]
    for piece in pieces { offsets.append(offsets.last! + UInt32(piece.count)) }
    parts = [
      ModelFileFormat.NamedPart("tokenizer.pieces", .unsigned8, shape: [Int(offsets.last!)], pieces.flatMap(\.self)),
      ModelFileFormat.NamedPart("tokenizer.pieces.offsets", .unsigned32, shape: [offsets.count], offsets),
      ModelFileFormat.NamedPart("tokenizer.trie", .unsigned32, shape: [trie.slots.count / 3, 3], trie.slots.array),
      ModelFileFormat.NamedPart(
        "tokenizer.normalization.blocks", .unsigned16, shape: [table.blocks.count], table.blocks),
      ModelFileFormat.NamedPart(
        "tokenizer.normalization.entries", .unsigned32, shape: [table.entries.count / 256, 256], table.entries),
      ModelFileFormat.NamedPart(
        "tokenizer.normalization.expansions", .unsigned32, shape: [table.expansions.count], table.expansions),
    ]
  }
}
