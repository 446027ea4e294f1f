/// A row of `added_tokens` in `tokenizer.json`.
struct TokenizerFileToken: Decodable {
  let id: Int32
  let content: String
  let singleWord: Bool
  let lstrip: Bool
  let rstrip: Bool
  let normalized: Bool

  var token: AddedToken {
    AddedToken(
      text: content, id: id, singleWord: singleWord, takesBlanksBefore: lstrip, takesBlanksAfter: rstrip,
      normalized: normalized)
  }
}
