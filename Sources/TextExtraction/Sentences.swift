/// The sentences of English and Japanese text, in order and without the blanks around them: together they hold all that
/// is not blank. A line break always ends one.
///
/// Linear in the length of the text. English: a full stop ends a sentence where a blank follows, but not after an
/// abbreviation, an initial or a list's number, and not before a small letter. Japanese: 。！？ end one at once, with the
/// brackets that close after them, unless the text then runs on in hiragana (「はい。」と言った).
package func sentences(of text: String) -> [Range<String.Index>] {
  var text = text
  let ranges = text.withUTF8 { SentenceBreaker.sentences(in: $0, $0.indices) }
  let utf8 = text.utf8
  return ranges.map {
    utf8.index(utf8.startIndex, offsetBy: $0.lowerBound)..<utf8.index(utf8.startIndex, offsetBy: $0.upperBound)
  }
}

enum SentenceBreaker {
  /// The sentences within `range`, as byte offsets.
  static func sentences(in bytes: UTF8Buffer, _ range: Range<Int>) -> [Range<Int>] {
    var result: [Range<Int>] = []
    var start = skipBlanks(bytes, range.lowerBound, range.upperBound)
    var offset = start
    let end = range.upperBound
    func close(at limit: Int) {
      let last = trimBlanks(bytes, start, limit)
      if last > start { result.append(start..<last) }
      start = skipBlanks(bytes, limit, end)
      offset = start
    }
    while offset < end {
      let byte = bytes[offset]
      // Letters, blanks and most punctuation of ASCII, and the lead bytes that begin no terminator.
      if byte < 0x80 {
        if byte != 0x2E && byte != 0x21 && byte != 0x3F && (byte < 0x0A || byte > 0x0D) {
          offset += 1
          continue
        }
      } else if byte != 0xE2 && byte != 0xE3 && byte != 0xEF && byte != 0xC2 {
        offset += byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
        continue
      }
      let (scalar, length) = bytes.scalar(at: offset)
      if ScalarClass.isLineBreak(scalar) {
        close(at: offset)
      } else if ScalarClass.isWideTerminator(scalar) || ScalarClass.isNarrowTerminator(scalar) {
        let stop = boundary(bytes, from: start, terminator: offset, end: end)
        if stop.ends { close(at: stop.offset) } else { offset = stop.offset }
      } else {
        offset += length
      }
    }
    if start < end { close(at: end) }
    return result
  }

  /// Where the terminators and closers that begin at `terminator` end, and whether the sentence ends there.
  private static func boundary(_ bytes: UTF8Buffer, from start: Int, terminator: Int, end: Int)
    -> (offset: Int, ends: Bool)
  {
    var next = terminator
    var wide = false
    var narrowCount = 0
    var lastTerminator: UInt32 = 0
    while next < end {
      let (scalar, length) = bytes.scalar(at: next)
      if ScalarClass.isWideTerminator(scalar) {
        wide = true
      } else if ScalarClass.isNarrowTerminator(scalar) {
        narrowCount += 1
      } else {
        break
      }
      lastTerminator = scalar
      next += length
    }
    let afterTerminators = next
    while next < end {
      let (scalar, length) = bytes.scalar(at: next)
      guard ScalarClass.isCloser(scalar) else { break }
      next += length
    }
    guard next < end else { return (next, true) }
    let follower = bytes.scalar(at: next).value
    if wide {
      if lastTerminator == 0xFF0E && isDigit(follower) { return (next, false) }
      let runsOn = follower == 0x3001 || follower == 0xFF0C || ScalarClass.isHiragana(follower)
      return (next, !(next > afterTerminators && runsOn))
    }
    if !ScalarClass.isBlank(follower) {
      // Japanese with Western full stops: after a wide letter and before one.
      let before = terminator > start ? bytes.scalar(before: terminator) : 0
      let between = ScalarClass.isUnspaced(before) && ScalarClass.isUnspaced(follower)
      return (next, between && lastTerminator != 0x2026 && next == afterTerminators)
    }
    var beyond = skipBlanks(bytes, next, end)
    guard beyond < end else { return (next, true) }
    // A line break among the blanks ends the sentence by itself.
    var initial = bytes.scalar(at: beyond)
    while ScalarClass.isOpener(initial.value), beyond + initial.length < end {
      beyond += initial.length
      initial = bytes.scalar(at: beyond)
    }
    if ScalarClass.isLowercase(initial.value) { return (next, false) }
    if narrowCount == 1 && lastTerminator == 0x2E && next == afterTerminators
      && isAbbreviation(bytes, from: start, stop: terminator, follower: initial.value)
    {
      return (next, false)
    }
    return (next, true)
  }

  /// Whether the word that ends in the full stop at `stop` goes on after it.
  private static func isAbbreviation(_ bytes: UTF8Buffer, from start: Int, stop: Int, follower: UInt32) -> Bool {
    var first = stop
    while first > start && stop - first < 12,
      ScalarClass.isASCIILetter(UInt32(bytes[first - 1])) || ScalarClass.isASCIIDigit(UInt32(bytes[first - 1]))
        || bytes[first - 1] == 0x2E
    {
      first -= 1
    }
    guard first < stop else { return false }
    let word = UnsafeBufferPointer(rebasing: bytes[first..<stop])
    // "3. Scope", "a. Scope": the number of an item.
    if first == start
      && (word.allSatisfy { ScalarClass.isASCIIDigit(UInt32($0)) } && word.count <= 4 || word.count == 1)
    {
      return true
    }
    // "J. Smith".
    if word.count == 1 && word[0] >= 0x41 && word[0] <= 0x5A && !ScalarClass.isASCIIDigit(follower) && word[0] != 0x49 {
      return true
    }
    let lower = String(decoding: word.map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }, as: UTF8.self)
    if beforeNumbers.contains(lower) { return isDigit(follower) }
    return beforeNames.contains(lower)
  }

  /// Abbreviations that a name or more of the same sentence follows, whatever its first letter.
  private static let beforeNames: Set<String> = [
    "mr", "mrs", "ms", "dr", "prof", "st", "mt", "gen", "col", "lt", "sgt", "capt", "rev", "hon", "gov", "sen", "rep",
    "messrs", "vs", "v", "e.g", "i.e", "eg", "ie", "cf", "viz", "approx", "ca", "al", "ed", "eds", "dept", "univ",
    "attn", "resp", "incl", "esp",
  ]
  /// Abbreviations only where a number follows.
  private static let beforeNumbers: Set<String> = [
    "no", "nos", "fig", "figs", "eq", "eqs", "sec", "secs", "ch", "chap", "vol", "vols", "p", "pp", "art", "par", "tab",
    "ver", "ref", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec",
  ]

  private static func isDigit(_ scalar: UInt32) -> Bool {
    ScalarClass.isASCIIDigit(scalar) || scalar >= 0xFF10 && scalar <= 0xFF19
  }

  static func skipBlanks(_ bytes: UTF8Buffer, _ offset: Int, _ end: Int) -> Int {
    var offset = offset
    while offset < end {
      let (scalar, length) = bytes.scalar(at: offset)
      guard ScalarClass.isBlank(scalar) else { break }
      offset += length
    }
    return offset
  }

  static func trimBlanks(_ bytes: UTF8Buffer, _ start: Int, _ end: Int) -> Int {
    var end = end
    while end > start {
      var first = end - 1
      while first > start && bytes[first] & 0xC0 == 0x80 { first -= 1 }
      guard ScalarClass.isBlank(bytes.scalar(at: first).value) else { break }
      end = first
    }
    return end
  }
}
