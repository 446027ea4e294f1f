import Foundation

/// The words of a query as a reader would look for them in a snippet, and where they stand in a text.
///
/// Latin words match without case and accents, by a common stem of at least four letters (`outage` finds `outages`,
/// `encoded` finds `encoding`); runs of Japanese or Chinese characters match by pairs, as they carry no blanks.
struct QueryWords {
  private let words: [[Unicode.Scalar]]
  private let pairs: Set<[Unicode.Scalar]>

  private static let stopWords: Set<String> = [
    "a", "an", "and", "are", "as", "at", "be", "by", "can", "did", "do", "does", "for", "from", "has", "have", "how",
    "i",
    "in", "is", "it", "its", "may", "my", "of", "on", "or", "our", "that", "the", "their", "there", "this", "to", "was",
    "we", "were", "what", "when", "where", "which", "who", "why", "will", "with", "you", "your",
  ]

  init(_ query: String) {
    var words: [[Unicode.Scalar]] = []
    var pairs: Set<[Unicode.Scalar]> = []
    for run in Self.runs(of: Array(query.unicodeScalars)) {
      let scalars = Self.folded(Array(query.unicodeScalars)[run.range])
      if run.isIdeographic {
        if scalars.count == 1 { pairs.insert(scalars) }
        for start in scalars.indices.dropLast() { pairs.insert(Array(scalars[start...start + 1])) }
      } else if scalars.count > 1 || scalars.first?.properties.numericType != nil {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        if !Self.stopWords.contains(String(view)) { words.append(scalars) }
      }
    }
    self.words = words
    self.pairs = pairs
  }

  var isEmpty: Bool { words.isEmpty && pairs.isEmpty }

  /// Where query words stand in `scalars`: ranges in order, touching ones joined, and how many different words were met.
  func matches(in scalars: [Unicode.Scalar]) -> (ranges: [Range<Int>], distinct: Int) {
    var ranges: [Range<Int>] = []
    var met = Set<Int>()
    func add(_ range: Range<Int>) {
      if let last = ranges.last, last.upperBound >= range.lowerBound {
        ranges[ranges.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
      } else {
        ranges.append(range)
      }
    }
    for run in Self.runs(of: scalars) {
      if run.isIdeographic {
        for start in run.range {
          for length in 1...2 where start + length <= run.range.upperBound {
            let piece = Array(scalars[start..<start + length])
            if pairs.contains(piece) {
              add(start..<start + length)
              met.insert(piece.reduce(1) { $0 &* 31 &+ Int($1.value) } | Int.min)
            }
          }
        }
      } else {
        let word = Self.folded(scalars[run.range])
        if let index = words.firstIndex(where: { Self.shareStem($0, word) }) {
          add(run.range)
          met.insert(index)
        }
      }
    }
    return (ranges, met.count)
  }

  private struct Run {
    let range: Range<Int>
    let isIdeographic: Bool
  }

  /// Runs of letters and digits, split where the script changes between ideographic or kana and others.
  private static func runs(of scalars: [Unicode.Scalar]) -> [Run] {
    var result: [Run] = []
    var start = 0
    var kind: Bool?
    for index in 0...scalars.count {
      let next: Bool? = index < scalars.count ? wordKind(scalars[index]) : nil
      if next != kind {
        if let kind { result.append(Run(range: start..<index, isIdeographic: kind)) }
        start = index
        kind = next
      }
    }
    return result
  }

  /// True for scripts written without blanks, false for other letters and digits, nil for the rest.
  private static func wordKind(_ scalar: Unicode.Scalar) -> Bool? {
    if scalar.isASCII { return isASCIIWord(scalar.value) ? false : nil }
    return switch scalar.value {
    case 0x3040...0x30FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x20000...0x3FFFF, 0x3005, 0xFF66...0xFF9F:
      true
    default:
      scalar.properties.isAlphabetic || scalar.properties.numericType != nil
        || scalar.properties.generalCategory == .nonspacingMark
        ? false : nil
    }
  }

  /// Letters and digits of ASCII, by far the most: as the properties below say, without looking them up.
  private static func isASCIIWord(_ value: UInt32) -> Bool {
    switch value {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
    default: false
    }
  }

  private static func folded(_ scalars: some Collection<Unicode.Scalar>) -> [Unicode.Scalar] {
    if scalars.allSatisfy(\.isASCII) {
      return scalars.map { 0x41...0x5A ~= $0.value ? Unicode.Scalar(UInt8($0.value) + 0x20) : $0 }
    }
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return Array(String(view).folding(options: [.caseInsensitive, .diacriticInsensitive], locale: nil).unicodeScalars)
  }

  private static func shareStem(_ one: [Unicode.Scalar], _ other: [Unicode.Scalar]) -> Bool {
    if one == other { return true }
    var common = 0
    while common < one.count, common < other.count, one[common] == other[common] { common += 1 }
    return common >= 4 && one.count - common <= 3 && other.count - common <= 3
  }
}
