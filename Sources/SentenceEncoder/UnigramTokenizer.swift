/// The tokenizer of XLM-R models: of all ways to cut a word into pieces of the vocabulary, the one with the highest sum
/// of scores.
///
/// Source: T. Kudo, Subword Regularization, ACL 2018, arXiv 1804.10959, §3.2; the exact rules are those of Hugging Face's
/// tokenizers 0.23: scores are summed in double, of equal sums the one found first counts, characters of a word that are
/// in no piece become one unknown piece where they are neighbours. The work grows with the text's length times the
/// longest piece's, in memory with the longest word's.
package struct UnigramTokenizer: PieceTokenizer {
  private let description: UnigramDescription
  private let characters: CharacterMap
  private let trie: PieceTrie
  private let scores: MappedNumbers<Double>
  /// The added tokens that are looked for in the text as it is, and in the normalised one.
  private let plainTokens: AddedTokenFinder
  private let normalizedTokens: AddedTokenFinder

  init(
    _ description: UnigramDescription, characters: CharacterMap, trie: PieceTrie, scores: MappedNumbers<Double>
  ) {
    self.description = description
    self.characters = characters
    self.trie = trie
    self.scores = scores
    plainTokens = AddedTokenFinder(description.added.filter { !$0.normalized }.map { ($0, Array($0.text.utf8)) })
    normalizedTokens = AddedTokenFinder(
      description.added.filter(\.normalized).map { token in
        let spelling = Array(token.text.utf8)
        return (token, spelling.withUnsafeBufferPointer { Self.normalized($0, description, characters) })
      })
  }

  var opening: Int32 { description.opening }
  var closing: Int32 { description.closing }

  /// Appends the ids of all pieces, or of at least so many that `ids` has `limit`.
  func append(piecesOf bytes: UnsafeBufferPointer<UInt8>, limit: Int, to ids: inout [Int32]) {
    guard ids.count < limit else { return }
    var path = BestPath()
    plainTokens.forEachPart(of: bytes) { part in
      if let token = part.token {
        ids.append(token)
      } else {
        let text = Self.normalized(UnsafeBufferPointer(rebasing: bytes[part.range]), description, characters)
        text.withUnsafeBufferPointer { text in
          normalizedTokens.forEachPart(of: text) { part in
            if let token = part.token {
              ids.append(token)
            } else {
              append(
                wordsOf: UnsafeBufferPointer(rebasing: text[part.range]), limit: limit, using: &path, to: &ids)
            }
            return ids.count < limit
          }
        }
      }
      return ids.count < limit
    }
  }

  private static func normalized(
    _ bytes: UnsafeBufferPointer<UInt8>, _ description: UnigramDescription, _ characters: CharacterMap
  ) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count + 16)
    characters.append(bytes, to: &text)
    if description.stripsEnd {
      let end = text.withUnsafeBufferPointer { text in
        var end = text.count
        while let start = Blank.start(in: text, before: end) { end = start }
        return end
      }
      text.removeLast(text.count - end)
    }
    if description.stripsStart {
      let start = text.withUnsafeBufferPointer { text in
        var start = 0
        while let end = Blank.end(in: text, at: start) { start = end }
        return start
      }
      text.removeFirst(start)
    }
    if description.collapsesSpaces { collapseSpaces(in: &text) }
    return text
  }

  private static func collapseSpaces(in text: inout [UInt8]) {
    let count = text.withUnsafeMutableBufferPointer { text in
      var count = 0
      var isBehindSpace = false
      for byte in text {
        let isSpace = byte == UInt8(ascii: " ")
        if !(isSpace && isBehindSpace) {
          text[count] = byte
          count += 1
        }
        isBehindSpace = isSpace
      }
      return count
    }
    text.removeLast(text.count - count)
  }

  /// Cuts a normalised text into words and appends their pieces' ids.
  private func append(
    wordsOf text: UnsafeBufferPointer<UInt8>, limit: Int, using path: inout BestPath, to ids: inout [Int32]
  ) {
    var position = 0
    var isAtStart = true
    while position < text.count, ids.count < limit {
      let first = text[position]
      if description.splitsAtBlanks, first <= 0x20 || first >= 0xc2, let end = Blank.end(in: text, at: position) {
        appendPieces(using: &path, to: &ids)
        isAtStart = true
        position = end
        continue
      }
      let isSpace = first == UInt8(ascii: " ")
      if isSpace || first == Self.mark.0 && Self.isMark(text, position) {
        if description.splitsAtMarks { appendPieces(using: &path, to: &ids) }
        path.append(Self.mark.0, Self.mark.1, Self.mark.2)
        position += isSpace ? 1 : 3
      } else {
        if isAtStart, description.prefixes { path.append(Self.mark.0, Self.mark.1, Self.mark.2) }
        path.append(first)
        position += 1
      }
      isAtStart = false
    }
    // Where the limit ended the loop, nothing waits: words are appended whole.
    appendPieces(using: &path, to: &ids)
  }

  /// "▁", U+2581.
  private static let mark: (UInt8, UInt8, UInt8) = (0xe2, 0x96, 0x81)

  @inline(__always)
  private static func isMark(_ text: UnsafeBufferPointer<UInt8>, _ position: Int) -> Bool {
    position + 2 < text.count && text[position + 1] == mark.1 && text[position + 2] == mark.2
  }

  /// Appends the ids of the best path through the word that has been gathered, and begins another.
  private func appendPieces(using path: inout BestPath, to ids: inout [Int32]) {
    guard path.count > 0 else { return }
    path.search(trie, scores, unknown: (description.unknown, description.unknownScore))
    path.appendIDs(unknown: description.unknown, to: &ids)
    path.clear()
  }
}
