/// A token that stands for itself wherever its spelling occurs in a text, such as "<mask>"; the fields are those of
/// `added_tokens` in `tokenizer.json`.
struct AddedToken: Codable, Equatable {
  let text: String
  let id: Int32
  /// Not where a letter, digit or underscore is beside it.
  var singleWord = false
  /// The blanks before it belong to it.
  var takesBlanksBefore = false
  /// The blanks behind it belong to it.
  var takesBlanksAfter = false
  /// Looked for in the normalised text, not in the text as it is.
  var normalized = false

  /// Whether it is found otherwise than as it is spelled, wherever that is.
  var isConditional: Bool { singleWord || takesBlanksBefore || takesBlanksAfter || normalized }
}
