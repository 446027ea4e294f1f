/// What a Unigram tokenizer does, apart from its vocabulary, as a model's header tells it.
struct UnigramDescription: Codable, Equatable {
  /// Where "▁" is put before a word.
  enum Prefix: String, Codable {
    case always
    /// Only at the text's beginning.
    case first
    case never
  }

  /// Whether every Unicode blank ends a word (and is dropped), or only the space does.
  let splitsAtBlanks: Bool
  /// Whether two or more spaces become one.
  let collapsesSpaces: Bool
  let prefix: Prefix
  /// The ids of <s>, </s> and <unk>.
  let opening: Int32
  let closing: Int32
  let unknown: Int32
  /// The score of a character that is in no piece.
  let unknownScore: Double
  /// The bytes of the longest piece.
  let longestPiece: Int
  let added: [AddedToken]
}
