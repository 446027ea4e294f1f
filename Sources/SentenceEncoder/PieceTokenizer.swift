/// A tokenizer by what sets it apart from others: how bytes become pieces, and what stands around them.
protocol PieceTokenizer: Tokenizer {
  /// The ids before and behind a text's pieces.
  var opening: Int32 { get }
  var closing: Int32 { get }

  /// Appends the ids of all pieces of any bytes, or of at least so many that `ids` has `limit`.
  func append(piecesOf bytes: UnsafeBufferPointer<UInt8>, limit: Int, to ids: inout [Int32])
}

extension PieceTokenizer {
  package func tokenIDs(of text: String, limit: Int) -> [Int32] {
    var text = text
    return text.withUTF8 { tokenIDs(ofUTF8: $0, limit: limit) }
  }

  package func countTokens(_ text: String) -> Int {
    var text = text
    return text.withUTF8 { bytes in
      var ids: [Int32] = []
      ids.reserveCapacity(bytes.count / 3 + 8)
      append(piecesOf: bytes, limit: .max, to: &ids)
      return ids.count
    }
  }

  /// As `tokenIDs(of:limit:)`, of any bytes.
  func tokenIDs(ofUTF8 bytes: UnsafeBufferPointer<UInt8>, limit: Int) -> [Int32] {
    precondition(limit >= 2, "a text has an opening and a closing token")
    var ids: [Int32] = []
    ids.reserveCapacity(min(limit, bytes.count / 2 + 8))
    ids.append(opening)
    append(piecesOf: bytes, limit: limit - 1, to: &ids)
    if ids.count > limit - 1 { ids.removeLast(ids.count - (limit - 1)) }
    ids.append(closing)
    return ids
  }
}
