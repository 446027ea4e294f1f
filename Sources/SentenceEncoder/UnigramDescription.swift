/// What a Unigram tokenizer does, apart from its vocabulary, as a model's header tells it.
struct UnigramDescription: Codable, Equatable {
  /// Whether blanks at the text's beginning and end are dropped.
  let stripsStart: Bool
  let stripsEnd: Bool
  /// Whether two and more spaces become one.
  let collapsesSpaces: Bool
  /// Whether every Unicode blank ends a word (and is dropped); if not, a space begins a word with "▁".
  let splitsAtBlanks: Bool
  /// Whether "▁" begins a word; if not, pieces may span several words.
  let splitsAtMarks: Bool
  /// Whether "▁" is put before the text (where blanks split: before each word), unless there is one.
  let prefixes: Bool
  /// The ids of <s>, </s> and <unk>.
  let opening: Int32
  let closing: Int32
  let unknown: Int32
  /// The score of a character that is in no piece.
  let unknownScore: Double
  let added: [AddedToken]
}
