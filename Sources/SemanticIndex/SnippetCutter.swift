import TextExtraction

/// Cuts the few lines of a passage that show why it was found.
struct SnippetCutter {
  /// A snippet's text and where to highlight it, as (start, length) in Unicode scalars of that text.
  struct Snippet: Equatable {
    var text: String
    var highlights: [Range<Int>]
  }

  /// Unicode scalars; about two lines on a terminal.
  static let maximumLength = 240

  let words: QueryWords

  /// The sentence to show, by the words it shares with the query; nil where no sentence has any, so that the caller may
  /// ask the encoder instead.
  func bestByWords(_ sentences: [Substring]) -> Int? {
    guard !words.isEmpty else { return nil }
    let scores = sentences.map { words.matches(in: Array($0.unicodeScalars)).distinct }
    guard let best = scores.max(), best > 0 else { return nil }
    return scores.firstIndex(of: best)
  }

  /// The snippet around sentence `best`: that sentence, and the following ones while there is room. Where no query word
  /// stands in it, the sentence as a whole is the highlight.
  func cut(_ sentences: [Substring], best: Int) -> Snippet {
    guard sentences.indices.contains(best) else { return Snippet(text: "", highlights: []) }
    let sentence = Self.collapsed(sentences[best].unicodeScalars)
    var scalars = sentence
    for next in sentences[(best + 1)...] {
      let more = Self.collapsed(next.unicodeScalars)
      if scalars.count + 1 + more.count > Self.maximumLength { break }
      scalars += [" "] + more
    }
    var matches = words.matches(in: scalars).ranges
    if scalars.count > Self.maximumLength {
      // A long sentence: the stretch that begins a little before the first match.
      let first = matches.first?.lowerBound ?? 0
      let start = first + 60 <= Self.maximumLength ? 0 : first - 40
      let end = min(scalars.count, start + Self.maximumLength - 2)
      let lead: [Unicode.Scalar] = start > 0 ? ["…"] : []
      scalars = lead + scalars[start..<end] + (end < scalars.count ? ["…"] : [])
      matches = words.matches(in: scalars).ranges
    }
    if matches.isEmpty { matches = [0..<min(sentence.count, scalars.count)] }
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return Snippet(text: String(view), highlights: matches)
  }

  /// White space, line ends included, as single blanks; none at the ends.
  private static func collapsed(_ scalars: some Sequence<Unicode.Scalar>) -> [Unicode.Scalar] {
    var result: [Unicode.Scalar] = []
    for scalar in scalars {
      if isBlank(scalar) {
        if let last = result.last, last != " " { result.append(" ") }
      } else {
        result.append(scalar)
      }
    }
    if result.last == " " { result.removeLast() }
    return result
  }

  private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII { return scalar.value <= 0x20 || scalar.value == 0x7F }
    return scalar.properties.isWhitespace || scalar.properties.generalCategory == .control
  }
}
