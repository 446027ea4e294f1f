/// Cuts text into what keyword search matches: words, and pairs of neighbouring characters where a script has no spaces.
///
/// - Words of alphabets are folded: lower case, without diacritics, compatibility forms unified ("Ｃａｆé" is "cafe").
/// - A run of Chinese characters, kana or Hangul becomes its overlapping pairs: 東京都 is 東京, 京都. The last character of
///   a run in a document is also a token by itself, so that each character begins some token and a query of one
///   character is a query by prefix. In a query, a run of one character is that character and longer ones are pairs alone.
///   Half-width kana are widened, voiced marks joined, and the radicals that PDFs use for characters unified.
///
/// Folding is idempotent: a token cut again is itself. Bytes that are not UTF-8 separate, as spaces do.
struct KeywordTokenizer {
  enum Purpose { case document, query }

  /// `last` is the character that ends a run: it stands at the same position as the pair before it, so that phrases
  /// that go on after the run are found.
  enum Kind { case word, pair, single, last }

  /// Longer words are cut here, at a character's end: they are no words.
  static let longestWord = 64

  private let purpose: Purpose
  private let emit: (_ token: UnsafeBufferPointer<UInt8>, _ kind: Kind, _ bytes: Range<Int>) -> Bool
  private var word: [UInt8] = []
  private var wordStart = 0
  private var wordEnd = 0
  /// The last character of the run at hand, folded, and how many the run has.
  private var last: UInt32 = 0
  private var lastStart = 0
  private var lastEnd = 0
  private var runLength = 0
  /// The character before it.
  private var first: (scalar: UInt32, start: Int) = (0, 0)
  private var stopped = false

  private init(purpose: Purpose, emit: @escaping (UnsafeBufferPointer<UInt8>, Kind, Range<Int>) -> Bool) {
    self.purpose = purpose
    self.emit = emit
    word.reserveCapacity(Self.longestWord + 8)
  }

  /// Calls `emit` with each token, what it is, and the range of the text's bytes that it stands for, until it returns
  /// false. Returns whether it came to the end.
  @discardableResult
  static func cut(
    _ text: UnsafeBufferPointer<UInt8>, for purpose: Purpose,
    _ emit: (_ token: UnsafeBufferPointer<UInt8>, _ kind: Kind, _ bytes: Range<Int>) -> Bool
  ) -> Bool {
    withoutActuallyEscaping(emit) { emit in
      var tokenizer = KeywordTokenizer(purpose: purpose, emit: emit)
      tokenizer.run(text)
      return !tokenizer.stopped
    }
  }

  /// The tokens of `text`, as strings.
  static func tokens(of text: String, for purpose: Purpose) -> [(text: String, kind: Kind)] {
    var text = text
    var tokens: [(String, Kind)] = []
    text.withUTF8 {
      _ = cut($0, for: purpose) { token, kind, _ in
        tokens.append((String(decoding: token, as: UTF8.self), kind))
        return true
      }
    }
    return tokens
  }

  private mutating func run(_ text: UnsafeBufferPointer<UInt8>) {
    var index = 0
    while index < text.count, !stopped {
      let byte = text[index]
      if byte < 0x80 {
        let folded: UInt8? =
          switch byte {
          case 0x61...0x7A, 0x30...0x39: byte
          case 0x41...0x5A: byte | 0x20
          default: nil
          }
        if let folded {
          append(folded, at: index, end: index + 1)
        } else {
          endWord()
          endRun()
        }
        index += 1
      } else {
        let (scalar, length) = Self.decode(text, at: index)
        take(scalar, at: index, end: index + length)
        index += length
      }
    }
    endWord()
    endRun()
  }

  private mutating func take(_ scalar: UInt32, at start: Int, end: Int) {
    switch CharacterFolding.fold(scalar) {
    case .separator:
      endWord()
      endRun()
    case .nothing:
      if !word.isEmpty { wordEnd = end } else if runLength > 0 { lastEnd = end }
    case .letter(let folded):
      append(folded, at: start, end: end)
    case .letters(let folded):
      for scalar in folded.unicodeScalars { append(scalar.value, at: start, end: end) }
    case .unspaced(let folded):
      endWord()
      extendRun(folded, at: start, end: end)
    case .voicing(let mark):
      guard runLength > 0, let joined = CharacterFolding.voiced(last, by: mark) else { return }
      last = joined
      lastEnd = end
    }
  }

  private mutating func append(_ byte: UInt8, at start: Int, end: Int) {
    beginWord(start, end)
    if word.count < Self.longestWord { word.append(byte) }
  }

  private mutating func append(_ scalar: UInt32, at start: Int, end: Int) {
    beginWord(start, end)
    guard let scalar = Unicode.Scalar(scalar), let bytes = UTF8.encode(scalar) else { return }
    if word.count + bytes.count <= Self.longestWord { word.append(contentsOf: bytes) }
  }

  private mutating func beginWord(_ start: Int, _ end: Int) {
    if runLength > 0 { endRun() }
    if word.isEmpty { wordStart = start }
    wordEnd = end
  }

  private mutating func endWord() {
    guard !word.isEmpty else { return }
    if !stopped { stopped = !word.withUnsafeBufferPointer { emit($0, .word, wordStart..<wordEnd) } }
    word.removeAll(keepingCapacity: true)
  }

  /// A pair is given out once the character after it is there, as a mark may still change its second one.
  private mutating func extendRun(_ scalar: UInt32, at start: Int, end: Int) {
    if runLength > 1 { emitPair() }
    if runLength > 0 { first = (last, lastStart) }
    last = scalar
    lastStart = start
    lastEnd = end
    runLength += 1
  }

  private mutating func endRun() {
    guard runLength > 0 else { return }
    if runLength > 1 { emitPair() }
    if runLength == 1 {
      emit([last], .single, lastStart..<lastEnd)
    } else if purpose == .document {
      emit([last], .last, lastStart..<lastEnd)
    }
    runLength = 0
  }

  private mutating func emitPair() { emit([first.scalar, last], .pair, first.start..<lastEnd) }

  private mutating func emit(_ scalars: [UInt32], _ kind: Kind, _ range: Range<Int>) {
    guard !stopped else { return }
    let emit = emit
    stopped = !withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 8) { buffer in
      var count = 0
      for value in scalars {
        guard let scalar = Unicode.Scalar(value), let bytes = UTF8.encode(scalar) else { continue }
        for byte in bytes {
          buffer[count] = byte
          count += 1
        }
      }
      return emit(UnsafeBufferPointer(rebasing: buffer[..<count]), kind, range)
    }
  }

  /// The scalar at `index` and how many bytes it takes; a broken one is a space of one byte.
  private static func decode(_ text: UnsafeBufferPointer<UInt8>, at index: Int) -> (UInt32, Int) {
    let lead = text[index]
    let (length, bits): (Int, UInt32) =
      switch lead {
      case 0xC2...0xDF: (2, UInt32(lead & 0x1F))
      case 0xE0...0xEF: (3, UInt32(lead & 0x0F))
      case 0xF0...0xF4: (4, UInt32(lead & 0x07))
      default: (1, 0x20)
      }
    guard length > 1 else { return (0x20, 1) }
    guard index + length <= text.count else { return (0x20, 1) }
    var scalar = bits
    for offset in 1..<length {
      let byte = text[index + offset]
      guard byte & 0xC0 == 0x80 else { return (0x20, 1) }
      scalar = scalar << 6 | UInt32(byte & 0x3F)
    }
    return (scalar, length)
  }
}
