import TextExtraction

/// Text without markup, or with so little that a person reads it as it is.
enum PlainTextReader {
  /// Paragraphs are parted by empty lines; items of lists begin with a bullet or a number; lines that were broken to fit a
  /// width are joined.
  static func readProse(_ text: String, headings: TextForm.HeadingStyle, into collector: inout BlockCollector) {
    var chunk: [Substring] = []
    var noise = EncodedDataFilter()
    var count = 0
    for line in lines(of: text) {
      count += 1
      if count & 1023 == 0 && collector.isFull() { break }
      if line.isEmpty && chunk.isEmpty && !noise.isHolding { continue }
      if isBlank(line) {
        noise.add(line, to: &chunk)
        flush(&chunk, headings, into: &collector)
      } else {
        noise.add(line, to: &chunk)
      }
      // One paragraph of very many lines is a list of something: its lines stay apart.
      if chunk.count >= 2000 { flush(&chunk, headings, into: &collector) }
    }
    noise.finish(into: &chunk)
    flush(&chunk, headings, into: &collector)
  }

  /// Lines stay lines; an empty line ends a block.
  static func readCode(_ text: String, into collector: inout BlockCollector) {
    var block = ""
    var count = 0
    for line in lines(of: text) {
      count += 1
      if count & 1023 == 0 && collector.isFull() { return }
      if isBlank(line) || block.utf8.count > 1 << 16 {
        collector.add(.code, block)
        block = ""
      }
      if !block.isEmpty { block += "\n" }
      block += line
    }
    collector.add(.code, block)
  }

  /// Each record becomes a row (RFC 4180: a field in quotes may hold separators, doubled quotes and line breaks).
  static func readTable(_ text: String, separator: UInt8, into collector: inout BlockCollector) {
    var text = text
    text.withUTF8 { bytes in
      let separator = Self.separator(of: bytes, expected: separator)
      var cells: [String] = []
      var cell: [UInt8] = []
      var quoted = false
      var offset = 0
      var rows = 0
      func endCell() {
        let text = TextTidying.prose(String(decoding: cell, as: UTF8.self))
        if !text.isEmpty { cells.append(text) }
        cell.removeAll(keepingCapacity: true)
      }
      while offset < bytes.count {
        let byte = bytes[offset]
        offset += 1
        switch byte {
        case 0x22:
          if quoted && offset < bytes.count && bytes[offset] == 0x22 {
            cell.append(0x22)
            offset += 1
          } else if quoted {
            quoted = false
          } else if cell.isEmpty {
            quoted = Self.closesSoon(bytes, offset)
            if !quoted { cell.append(byte) }
          } else {
            cell.append(byte)
          }
        case separator where !quoted: endCell()
        case 0x0A where !quoted:
          endCell()
          collector.add(.tableRow, cells.joined(separator: " | "))
          cells.removeAll(keepingCapacity: true)
          rows += 1
          if rows & 1023 == 0 && collector.isFull() { return }
        case 0x0A: cell.append(0x20)
        default: cell.append(byte)
        }
      }
      endCell()
      collector.add(.tableRow, cells.joined(separator: " | "))
    }
  }

  /// Of comma, semicolon and tab, what the first lines have most of.
  private static func separator(of bytes: UnsafeBufferPointer<UInt8>, expected: UInt8) -> UInt8 {
    var counts: [UInt8: Int] = [expected: 1]
    for byte in bytes.prefix(4096) where byte == 0x2C || byte == 0x3B || byte == 0x09 { counts[byte, default: 0] += 1 }
    return counts.max { ($0.value, $0.key == expected ? 1 : 0) < ($1.value, $1.key == expected ? 1 : 0) }?.key
      ?? expected
  }

  /// Whether a quote that opens at `offset` closes within a reasonable field.
  private static func closesSoon(_ bytes: UnsafeBufferPointer<UInt8>, _ offset: Int) -> Bool {
    bytes[offset..<min(bytes.count, offset + 32_768)].contains(0x22)
  }

  private static func flush(
    _ chunk: inout [Substring], _ headings: TextForm.HeadingStyle, into collector: inout BlockCollector
  ) {
    defer { chunk.removeAll(keepingCapacity: true) }
    var rest = chunk[...]
    while let first = rest.first {
      if let heading = heading(rest, headings) {
        collector.add(.heading(level: heading.level), heading.text)
        rest = rest.dropFirst(heading.lines)
        continue
      }
      if isItem(first) {
        // The item's own line and those after it, up to the next item.
        let lines = [first] + rest.dropFirst().prefix { !isItem($0) }
        collector.add(.listItem, LineJoining.joined(lines.map(trimmed)))
        rest = rest.dropFirst(lines.count)
        continue
      }
      let lines = rest.prefix { !isItem($0) }
      addParagraph(Array(lines), into: &collector)
      rest = rest.dropFirst(lines.count)
    }
  }

  private static func addParagraph(_ lines: [Substring], into collector: inout BlockCollector) {
    let trimmedLines = lines.map(trimmed).filter { !$0.isEmpty }
    let widths = trimmedLines.map { LineJoining.width($0) }
    guard let widest = widths.max() else { return }
    if widest > 140 {
      // Lines that no editor broke: each is a paragraph.
      for line in trimmedLines { collector.add(.paragraph, String(line)) }
      return
    }
    let full = widths.dropLast().count { $0 * 10 >= widest * 7 }
    if widest >= 36 && full * 4 >= (widths.count - 1) * 3 {
      collector.add(.paragraph, LineJoining.joined(trimmedLines))
    } else {
      collector.add(.paragraph, trimmedLines.joined(separator: "\n"))
    }
  }

  /// The heading that the lines begin with, if they do, and how many lines it takes.
  private static func heading(_ lines: ArraySlice<Substring>, _ style: TextForm.HeadingStyle)
    -> (level: Int, text: String, lines: Int)?
  {
    guard let first = lines.first else { return nil }
    let marks: Character = style == .asciidoc ? "=" : "*"
    if style != .underlined {
      let level = first.prefix { $0 == marks }.count
      let rest = first.dropFirst(level)
      if (1...6).contains(level), rest.first == " ", rest.utf8.count < 200 { return (level, String(trimmed(rest)), 1) }
    }
    let next = lines.dropFirst()
    // An overline, the title, the underline.
    if let mark = rule(first), next.count >= 2, rule(next.dropFirst().first!) == mark, rule(next.first!) == nil,
      next.first!.utf8.count < 200
    {
      return (1, String(trimmed(next.first!)), 3)
    }
    if rule(first) == nil, let below = next.first, let mark = rule(below), first.utf8.count < 200,
      LineJoining.width(trimmed(below)) * 2 >= LineJoining.width(trimmed(first))
    {
      return (mark == 0x3D ? 1 : mark == 0x2D ? 2 : 3, String(trimmed(first)), 2)
    }
    return nil
  }

  /// The mark of a line that is nothing but three or more of it.
  private static func rule(_ line: Substring) -> UInt8? {
    let text = trimmed(line).utf8
    guard text.count >= 3, let mark = text.first, "=-~^\"'`#*+_".utf8.contains(mark) else { return nil }
    return text.allSatisfy { $0 == mark } ? mark : nil
  }

  /// "- ", "* ", "• ", "・", "12. ", "a) ".
  static func isItem(_ line: Substring) -> Bool {
    let text = trimmed(line).utf8.prefix(8)
    guard let first = text.first, text.count >= 2 else { return false }
    let second = text.dropFirst().first!
    if first == 0x2D || first == 0x2A || first == 0x2B { return second == 0x20 || second == 0x09 }
    if text.starts(with: [0xE2, 0x80, 0xA2]) || text.starts(with: [0xE3, 0x83, 0xBB]) { return true }
    let digits = text.prefix { $0 >= 0x30 && $0 <= 0x39 }.count
    if (1...3).contains(digits) {
      let rest = text.dropFirst(digits)
      return (rest.first == 0x2E || rest.first == 0x29) && rest.dropFirst().first == 0x20
    }
    return first | 0x20 >= 0x61 && first | 0x20 <= 0x7A && second == 0x29 && text.dropFirst(2).first == 0x20
  }

  static func trimmed(_ line: Substring) -> Substring {
    var scalars = line.unicodeScalars[...]
    while let first = scalars.first, ScalarClass.isBlank(first.value) { scalars.removeFirst() }
    while let last = scalars.last, ScalarClass.isBlank(last.value) { scalars.removeLast() }
    return Substring(scalars)
  }

  static func isBlank(_ line: Substring) -> Bool { line.unicodeScalars.allSatisfy { ScalarClass.isBlank($0.value) } }

  /// Lines ended by LF, CR LF or CR.
  static func lines(of text: String) -> some Sequence<Substring> {
    TextLines(text: text)
  }
}
