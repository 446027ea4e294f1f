/// What we use of the `tokenizer.json` of a Unigram model.
struct UnigramFile: Decodable {
  struct Model: Decodable {
    /// A piece and its score: a row of two in the file.
    struct Piece: Decodable {
      let text: String
      let score: Double

      init(from decoder: any Decoder) throws {
        var row = try decoder.unkeyedContainer()
        text = try row.decode(String.self)
        score = try row.decode(Double.self)
      }
    }
    let unkId: Int?
    let vocab: [Piece]
    let byteFallback: Bool?
  }

  /// A normalizer: `Sequence`, `Precompiled`, `Strip` and `Replace` are known.
  struct Normalizer: Decodable {
    let type: String
    let normalizers: [Normalizer]?
    let precompiledCharsmap: String?
    let stripLeft: Bool?
    let stripRight: Bool?
    let pattern: Pattern?
    let content: String?

    /// One of the two.
    struct Pattern: Decodable {
      let regex: String?
      let string: String?

      enum CodingKeys: String, CodingKey {
        case regex = "Regex"
        case string = "String"
      }
    }
  }

  /// A pre-tokenizer: `Sequence`, `WhitespaceSplit` and `Metaspace` are known.
  struct PreTokenizer: Decodable {
    let type: String
    let pretokenizers: [PreTokenizer]?
    let replacement: String?
    let addPrefixSpace: Bool?
    let prependScheme: String?
    let split: Bool?
  }

  let model: Model
  let normalizer: Normalizer?
  let preTokenizer: PreTokenizer?
  let postProcessor: PostProcessor?
  let addedTokens: [TokenizerFileToken]?
}
