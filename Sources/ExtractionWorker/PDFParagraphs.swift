import TextExtraction

/// Puts a page's lines together to paragraphs, items of lists and headings, by size, distance, indent and the marks at
/// lines' ends.
enum PDFParagraphs {
  struct Paragraph: Equatable {
    let kind: Block.Kind
    let text: String
  }

  /// - Parameter body: the document's usual font size in points.
  static func paragraphs(of lines: [PDFLine], body: Double) -> [Paragraph] {
    let leading = leading(of: lines)
    var result: [Paragraph] = []
    var current: [PDFLine] = []
    for line in lines {
      if let last = current.last, begins(line, after: last, in: current, leading: leading) {
        result.append(paragraph(current, body: body))
        current = []
      }
      current.append(line)
    }
    if !current.isEmpty { result.append(paragraph(current, body: body)) }
    return result
  }

  /// The usual distance from line to line as a multiple of the font size.
  private static func leading(of lines: [PDFLine]) -> Double {
    var steps: [Double] = []
    for (first, second) in zip(lines, lines.dropFirst()) {
      let step = (second.top - first.top) / first.size
      if abs(first.size - second.size) < 0.05 * first.size, step > 0.7, step < 3 { steps.append(step) }
    }
    guard !steps.isEmpty else { return 1.2 }
    steps.sort()
    return steps[steps.count / 2]
  }

  private static func begins(_ line: PDFLine, after last: PDFLine, in current: [PDFLine], leading: Double) -> Bool {
    if abs(line.size - last.size) > 0.12 * max(line.size, last.size) { return true }
    if isItem(line.text) { return true }
    let step = (line.top - last.top) / last.size
    let ends = endsSentence(last.text)
    if step < -0.5 || step > max(1.35 * leading, leading + 0.4) {
      // A sentence goes on in the next column, or under a picture.
      return !(step < -0.5 && !ends && startsSmall(line.text))
    }
    guard ends else { return false }
    let left = current.map(\.left).min() ?? last.left
    let right = current.map(\.right).max() ?? last.right
    let isIndented = line.left > left + 0.8 * line.size && last.left < line.left - 0.8 * line.size
    let isShort = last.right < right - max(0.12 * (right - left), 3 * last.size)
    return isIndented || isShort
  }

  private static func paragraph(_ lines: [PDFLine], body: Double) -> Paragraph {
    let text = LineJoining.joined(lines.map { TextTidying.prose($0.text) }, hyphen: .removed)
    let size = lines[0].size
    if size > 1.15 * body && lines.count <= 3 && text.unicodeScalars.count <= 160
      && text.unicodeScalars.contains(where: { $0.properties.isAlphabetic })
    {
      return Paragraph(kind: .heading(level: size > 1.7 * body ? 1 : size > 1.35 * body ? 2 : 3), text: text)
    }
    return Paragraph(kind: isItem(lines[0].text) ? .listItem : .paragraph, text: text)
  }

  /// A bullet, or a number with a bracket; a number with a full stop begins headings and sentences as well.
  private static func isItem(_ text: String) -> Bool {
    let scalars = Array(text.unicodeScalars.drop { $0.properties.isWhitespace }.prefix(4))
    guard scalars.count >= 2 else { return false }
    switch scalars[0] {
    case "•", "◦", "▪", "■", "●", "○", "‣", "–", "・", "※", "\u{F0B7}", "\u{F0A7}": return true
    case "-", "*": return scalars[1] == " "
    case "①"..."⑳": return true
    case "(", "（":
      let last = scalars.dropFirst(2).first { $0 == ")" || $0 == "）" }
      return last != nil && (scalars[1].properties.numericType != nil || scalars[1].isASCII)
    default: return false
    }
  }

  private static func endsSentence(_ text: String) -> Bool {
    for scalar in text.unicodeScalars.reversed() where !scalar.properties.isWhitespace {
      switch scalar {
      case ".", "!", "?", ":", "。", "！", "？", "．", "：": return true
      case "\"", "'", ")", "]", "”", "’", "」", "』", "）": continue
      default: return false
      }
    }
    return true
  }

  private static func startsSmall(_ text: String) -> Bool {
    guard let first = text.unicodeScalars.first(where: { !$0.properties.isWhitespace }) else { return false }
    return first.properties.isLowercase || LineJoining.isUnspaced(first)
  }
}
