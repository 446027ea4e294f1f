/// The tokenizer of BERT models: normalised words, each cut greedily into the longest pieces of the vocabulary.
///
/// Works on UTF-8 bytes; bytes that are no UTF-8 are dropped, as U+FFFD is. Source: Wu et al. 2016, arXiv 1609.08144,
/// §4.1; the exact rules are those of Hugging Face's tokenizers (see `BertNormalization`). Linear in the text's length
/// but for the inside of a word, which has at most `maximumWordLength` scalars.
package struct WordPieceTokenizer: PieceTokenizer {
  private let normalization: NormalizationTable
  private let trie: PieceTrie
  let opening: Int32
  let closing: Int32
  private let unknown: Int32
  private let maximumWordLength: Int
  /// Where pieces inside a word start in the trie, or nil where there are none.
  private let continuationRoot: Int?
  /// The special tokens' spellings, the longest first.
  private let special: [(bytes: [UInt8], id: Int32)]
  /// Whether a special token starts with the byte.
  private let startsSpecial: [Bool]
  /// Where some tokens have conditions, all of them: those that are looked for in the text as it is, and in the
  /// normalised one.
  private let finders: (plain: AddedTokenFinder, normalized: AddedTokenFinder)?
  private let separatesIdeographs: Bool

  init(_ description: WordPieceDescription, trie: PieceTrie, normalization: NormalizationTable) {
    self.normalization = normalization
    self.trie = trie
    opening = description.opening
    closing = description.closing
    unknown = description.unknown
    maximumWordLength = description.maximumWordLength
    continuationRoot = trie.node(of: description.continuation.utf8)
    separatesIdeographs = description.normalization.separatesIdeographs
    let tokens = description.special.map {
      (token: AddedToken(text: $0.text, id: $0.id), spelling: Array($0.text.utf8))
    }
    var startsSpecial = [Bool](repeating: false, count: 256)
    if let conditional = description.conditional {
      special = []
      finders = (
        AddedTokenFinder(tokens + conditional.filter { !$0.normalized }.map { ($0, Array($0.text.utf8)) }),
        AddedTokenFinder(
          conditional.filter(\.normalized).map { token in
            var text = token.text
            return (
              token, text.withUTF8 { Self.normalized($0, normalization, description.normalization.separatesIdeographs) }
            )
          })
      )
    } else {
      special = tokens.map { ($0.spelling, $0.token.id) }.filter { !$0.bytes.isEmpty }
        .sorted { $0.bytes.count > $1.bytes.count }
      for token in special { startsSpecial[Int(token.bytes[0])] = true }
      finders = nil
    }
    self.startsSpecial = startsSpecial
  }

  /// Appends the ids of all pieces, or of at least so many that `ids` has `limit`.
  func append(piecesOf bytes: UnsafeBufferPointer<UInt8>, limit: Int, to ids: inout [Int32]) {
    guard let finders else { return append(wordsOf: bytes, limit: limit, to: &ids) }
    guard ids.count < limit else { return }
    finders.plain.forEachPart(of: bytes) { part in
      if let token = part.token {
        ids.append(token)
      } else {
        let text = UnsafeBufferPointer(rebasing: bytes[part.range])
        if finders.normalized.isEmpty {
          append(wordsOf: text, limit: limit, to: &ids)
        } else {
          Self.normalized(text, normalization, separatesIdeographs).withUnsafeBufferPointer { text in
            finders.normalized.forEachPart(of: text) { part in
              // To normalise a text once more changes nothing.
              if let token = part.token {
                ids.append(token)
              } else {
                append(wordsOf: UnsafeBufferPointer(rebasing: text[part.range]), limit: limit, to: &ids)
              }
              return ids.count < limit
            }
          }
        }
      }
      return ids.count < limit
    }
  }

  /// The normalised text, as tokens are looked for in it.
  private static func normalized(
    _ bytes: UnsafeBufferPointer<UInt8>, _ table: NormalizationTable, _ separatesIdeographs: Bool
  ) -> [UInt8] {
    var text = String.UnicodeScalarView()
    func append(_ entry: UInt32, of scalar: UInt32) {
      let operand = entry & 0xff_ffff
      switch NormalizationTable.Effect(rawValue: entry >> 24) {
      case .blank: text.append(" ")
      case .sameLetter: append(letter: scalar)
      case .letter: append(letter: operand)
      case .sameAlone: append(alone: scalar)
      case .alone: append(alone: operand)
      case .several:
        for entry in table.expansions[(Int(operand) + 1)...].prefix(Int(table.expansions[Int(operand)])) {
          append(entry, of: scalar)
        }
      case .dropped, nil: break
      }
    }
    func append(letter: UInt32) {
      if let letter = Unicode.Scalar(letter) { text.append(letter) }
    }
    func append(alone: UInt32) {
      let isIdeograph = separatesIdeographs && Unicode.Scalar(alone).map(BertNormalization.isIdeograph) == true
      if isIdeograph { text.append(" ") }
      append(letter: alone)
      if isIdeograph { text.append(" ") }
    }
    var position = 0
    while position < bytes.count {
      if let (scalar, count) = UTF8Scalar.decode(bytes, at: position) {
        append(table[scalar], of: scalar)
        position += count
      } else {
        position += 1
      }
    }
    return Array(String(text).utf8)
  }

  private func append(wordsOf bytes: UnsafeBufferPointer<UInt8>, limit: Int, to ids: inout [Int32]) {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 4 * maximumWordLength) { buffer in
      var word = Word(bytes: buffer)
      var position = 0
      while position < bytes.count, ids.count < limit {
        let first = bytes[position]
        if startsSpecial[Int(first)], let token = special(in: bytes, at: position) {
          flush(&word, to: &ids)
          ids.append(token.id)
          position += token.count
          continue
        }
        if first < 0x80 {
          position += 1
          take(normalization[UInt32(first)], of: UInt32(first), into: &word, &ids)
        } else if let (scalar, count) = UTF8Scalar.decode(bytes, at: position) {
          position += count
          take(normalization[scalar], of: scalar, into: &word, &ids)
        } else {
          position += 1
        }
      }
      if ids.count < limit { flush(&word, to: &ids) }
    }
  }

  /// A word as it grows: its UTF-8 bytes, as many as fit, and the number of its scalars.
  private struct Word {
    let bytes: UnsafeMutableBufferPointer<UInt8>
    var count = 0
    var scalars = 0
  }

  @inline(__always)
  private func take(_ entry: UInt32, of scalar: UInt32, into word: inout Word, _ ids: inout [Int32]) {
    switch NormalizationTable.Effect(rawValue: entry >> 24) {
    case .sameLetter: append(scalar, to: &word)
    case .letter: append(entry & 0xff_ffff, to: &word)
    case .blank: flush(&word, to: &ids)
    case .sameAlone: takeAlone(scalar, &word, &ids)
    case .alone: takeAlone(entry & 0xff_ffff, &word, &ids)
    case .several: takeSeveral(at: Int(entry & 0xff_ffff), &word, &ids)
    case .dropped, nil: break
    }
  }

  private func takeAlone(_ scalar: UInt32, _ word: inout Word, _ ids: inout [Int32]) {
    flush(&word, to: &ids)
    append(scalar, to: &word)
    flush(&word, to: &ids)
  }

  private func takeSeveral(at start: Int, _ word: inout Word, _ ids: inout [Int32]) {
    for entry in normalization.expansions[(start + 1)...].prefix(Int(normalization.expansions[start])) {
      switch NormalizationTable.Effect(rawValue: entry >> 24) {
      case .blank: flush(&word, to: &ids)
      case .alone: takeAlone(entry & 0xff_ffff, &word, &ids)
      default: append(entry & 0xff_ffff, to: &word)
      }
    }
  }

  @inline(__always)
  private func append(_ scalar: UInt32, to word: inout Word) {
    word.scalars += 1
    guard word.scalars <= maximumWordLength else { return }
    if scalar < 0x80 {
      word.bytes[word.count] = UInt8(truncatingIfNeeded: scalar)
      word.count += 1
    } else {
      let count = scalar < 0x800 ? 2 : scalar < 0x10000 ? 3 : 4
      let mark: UInt32 = count == 2 ? 0xc0 : count == 3 ? 0xe0 : 0xf0
      for index in 0..<count {
        let bits = scalar >> UInt32(6 * (count - 1 - index))
        word.bytes[word.count + index] = UInt8(truncatingIfNeeded: index == 0 ? mark | bits : 0x80 | bits & 0x3f)
      }
      word.count += count
    }
  }

  /// Ends the word: appends its pieces, or the unknown one where it has a part that is in no piece.
  @inline(__always)
  private func flush(_ word: inout Word, to ids: inout [Int32]) {
    if word.scalars > 0 { appendPieces(of: &word, to: &ids) }
  }

  private func appendPieces(of word: inout Word, to ids: inout [Int32]) {
    let before = ids.count
    var known = word.scalars <= maximumWordLength
    var start = 0
    var root: Int? = PieceTrie.root
    while known, start < word.count {
      var longest: (id: Int32, end: Int)?
      var node = root
      var index = start
      while index < word.count, let parent = node {
        node = trie.child(of: parent, by: word.bytes[index])
        index += 1
        if let node, let id = trie.id(at: node) { longest = (id, index) }
      }
      if let longest {
        ids.append(longest.id)
        start = longest.end
        root = continuationRoot
      } else {
        known = false
      }
    }
    if !known {
      ids.removeLast(ids.count - before)
      ids.append(unknown)
    }
    word.count = 0
    word.scalars = 0
  }

  /// The longest special token that is spelled at `position`.
  private func special(in bytes: UnsafeBufferPointer<UInt8>, at position: Int) -> (id: Int32, count: Int)? {
    for token in special where token.bytes.count <= bytes.count - position {
      if token.bytes.indices.allSatisfy({ bytes[position + $0] == token.bytes[$0] }) {
        return (token.id, token.bytes.count)
      }
    }
    return nil
  }
}
