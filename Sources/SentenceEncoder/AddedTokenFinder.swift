/// Finds added tokens in a text: from the left, of those that start at the same place the longest.
///
/// As Hugging Face's tokenizers 0.23 does it (`AddedVocabulary`).
struct AddedTokenFinder: Sendable {
  private let tokens: [AddedToken]
  private let trie: PieceTrie
  private let starts: [Bool]

  /// A part of a text: a token, or what lies between tokens.
  struct Part: Equatable {
    let token: Int32?
    let range: Range<Int>
  }

  /// The later of two tokens of the same spelling counts; empty ones do not.
  init(_ tokens: [(token: AddedToken, spelling: [UInt8])]) {
    self.tokens = tokens.map(\.token)
    trie = PieceTrie(tokens.map(\.spelling))
    var starts = [Bool](repeating: false, count: 256)
    for (_, spelling) in tokens { if let first = spelling.first { starts[Int(first)] = true } }
    self.starts = starts
  }

  var isEmpty: Bool { tokens.isEmpty }

  /// The text's parts, in order, until `body` returns false. An empty text has none.
  func forEachPart(of text: UnsafeBufferPointer<UInt8>, _ body: (Part) -> Bool) {
    var done = 0
    var position = 0
    while position < text.count {
      guard starts[Int(text[position])], let (token, count) = longest(in: text, at: position) else {
        position += 1
        continue
      }
      var range = position..<(position + count)
      position = range.upperBound
      if token.singleWord, Self.endsWithWord(text, range.lowerBound) || Self.startsWithWord(text, range.upperBound) {
        continue
      }
      if token.takesBlanksBefore {
        while range.lowerBound > done, let blank = Blank.start(in: text, before: range.lowerBound) {
          range = max(done, blank)..<range.upperBound
        }
      }
      if token.takesBlanksAfter {
        while let blank = Blank.end(in: text, at: range.upperBound) { range = range.lowerBound..<blank }
      }
      // A token before may have taken the blanks that this one begins with.
      range = max(done, range.lowerBound)..<max(done, range.upperBound)
      if done < range.lowerBound, !body(Part(token: nil, range: done..<range.lowerBound)) { return }
      if !body(Part(token: token.id, range: range)) { return }
      done = range.upperBound
      position = max(position, done)
    }
    if done < text.count { _ = body(Part(token: nil, range: done..<text.count)) }
  }

  private func longest(in text: UnsafeBufferPointer<UInt8>, at start: Int) -> (token: AddedToken, count: Int)? {
    var found: (AddedToken, Int)?
    var node: Int? = PieceTrie.root
    var position = start
    while position < text.count, let parent = node {
      node = trie.child(of: parent, by: text[position])
      position += 1
      if let node, let id = trie.id(at: node) { found = (tokens[Int(id)], position - start) }
    }
    return found
  }

  private static func startsWithWord(_ text: UnsafeBufferPointer<UInt8>, _ position: Int) -> Bool {
    UTF8Scalar.scalar(in: text, at: position).map { isWordCharacter($0.scalar) } ?? false
  }

  private static func endsWithWord(_ text: UnsafeBufferPointer<UInt8>, _ position: Int) -> Bool {
    UTF8Scalar.scalar(in: text, before: position).map { isWordCharacter($0.scalar) } ?? false
  }

  /// `\w` of Unicode Technical Standard 18, Annex C, with the characters of Unicode 16, as the reference has it.
  private static func isWordCharacter(_ scalar: Unicode.Scalar) -> Bool {
    let properties = scalar.properties
    guard let age = properties.age, age.major <= 16 else { return false }
    if properties.isAlphabetic || properties.isJoinControl { return true }
    switch properties.generalCategory {
    case .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .connectorPunctuation: return true
    default: return false
    }
  }
}
