/// What a WordPiece tokenizer does, apart from its vocabulary, as a model's header tells it.
struct WordPieceDescription: Codable, Equatable {
  /// A token that stands for itself wherever its spelling occurs in a text, such as "[SEP]".
  struct SpecialToken: Codable, Equatable {
    let text: String
    let id: Int32
  }

  let normalization: BertNormalization
  /// What marks a piece inside a word, such as "##".
  let continuation: String
  /// A word of more scalars is unknown as a whole.
  let maximumWordLength: Int
  /// The ids of [CLS], [SEP] and [UNK].
  let opening: Int32
  let closing: Int32
  let unknown: Int32
  let special: [SpecialToken]
  /// Tokens that are found under conditions, or in the normalised text; nil where there are none.
  var conditional: [AddedToken]?
}
