/// Cuts a text into the pieces that a model knows by number.
package protocol Tokenizer: Sendable {
  /// The ids of the text's pieces between the model's opening and closing token. Where that is more than `limit`, the
  /// last pieces are left out, so that exactly `limit` ids come back, the closing one among them.
  func tokenIDs(of text: String, limit: Int) -> [Int32]

  /// How many pieces the text has, uncut, without the opening and the closing token.
  func countTokens(_ text: String) -> Int
}
