import TextExtraction

/// Markdown, as a reader sees it rendered (CommonMark 0.31 with GitHub's tables, read line by line).
///
/// Linear in the length of the text whatever it holds: nesting is not followed, only stripped.
struct MarkdownReader {
  private var lines: [Substring] = []
  /// What the waiting lines are part of.
  private var kind = Block.Kind.paragraph
  private var title: String?
  private var firstHeading: String?

  /// Reads `text` into `collector`; returns the title: the front matter's, else the first heading of level 1.
  static func read(_ text: String, into collector: inout BlockCollector) -> String? {
    var reader = MarkdownReader()
    reader.readAll(text, into: &collector)
    return reader.title ?? reader.firstHeading
  }

  private mutating func readAll(_ text: String, into collector: inout BlockCollector) {
    var all = TextLines(text: text)
    var pending: Substring?
    if let first = all.next() {
      if first == "---" || first == "+++" {
        // The lines are read again as text where this is no front matter.
        var copy = all
        if readFrontMatter(&copy, fence: first) {
          all = copy
          if let title { collector.add(.heading(level: 1), title) }
        }
      } else {
        pending = first
      }
    }
    var fence: Substring?
    var code = ""
    var inComment = false
    var noise = EncodedDataFilter()
    var count = 0
    while let line = pending ?? all.next() {
      pending = nil
      count += 1
      if count & 1023 == 0 && collector.isFull() { return }
      let trimmed = PlainTextReader.trimmed(line)
      if let open = fence {
        if Self.fence(trimmed).map({ $0.count >= open.count && $0.first == open.first && $0.count == trimmed.count })
          ?? false || code.utf8.count > 1 << 20
        {
          collector.add(.code, code)
          fence = nil
          code = ""
        } else {
          code += line
          code += "\n"
        }
        continue
      }
      if inComment {
        inComment = !trimmed.contains("-->")
        continue
      }
      if let mark = Self.fence(trimmed) {
        flush(into: &collector)
        fence = mark
        continue
      }
      if trimmed.hasPrefix("<!--") && !trimmed.contains("-->") {
        inComment = true
        continue
      }
      var kept: [Substring] = []
      noise.add(trimmed, to: &kept)
      for trimmed in kept { take(trimmed, into: &collector) }
    }
    var kept: [Substring] = []
    noise.finish(into: &kept)
    lines += kept
    collector.add(.code, code)
    flush(into: &collector)
  }

  /// One line outside of code and comments.
  private mutating func take(_ whole: Substring, into collector: inout BlockCollector) {
    var line = whole
    while line.utf8.first == 0x3E { line = PlainTextReader.trimmed(line.dropFirst()) }
    if line.isEmpty {
      flush(into: &collector)
    } else if let level = Self.headingLevel(line) {
      flush(into: &collector)
      addHeading(level, line.dropFirst(level), into: &collector)
    } else if let mark = Self.underline(line) {
      if kind == .paragraph && lines.count == 1 {
        let text = lines[0]
        lines = []
        addHeading(mark == 0x3D ? 1 : 2, text, into: &collector)
      } else {
        flush(into: &collector)
      }
    } else if line.utf8.first == 0x7C || kind == .tableRow && line.utf8.contains(0x7C) {
      if kind != .tableRow { flush(into: &collector) }
      kind = .tableRow
      addRow(line, into: &collector)
    } else if Self.isTableRule(line) {
      // The head of a table without outer bars came as a paragraph's last line.
      if kind == .paragraph, let head = lines.popLast() {
        flush(into: &collector)
        addRow(head, into: &collector)
      }
      kind = .tableRow
    } else if PlainTextReader.isItem(line) {
      flush(into: &collector)
      kind = .listItem
      lines = [Self.withoutMarker(line)]
    } else {
      if kind == .tableRow { flush(into: &collector) }
      lines.append(line)
    }
  }

  private mutating func flush(into collector: inout BlockCollector) {
    defer {
      lines.removeAll(keepingCapacity: true)
      kind = .paragraph
    }
    guard !lines.isEmpty else { return }
    collector.add(kind, MarkdownInline.plain(LineJoining.joined(lines)))
  }

  private mutating func addHeading(_ level: Int, _ text: Substring, into collector: inout BlockCollector) {
    var text = PlainTextReader.trimmed(text)
    // Closing marks: "## Title ##"; an anchor: "## Title {#anchor}".
    if let anchor = text.firstRange(of: " {#"), text.hasSuffix("}") { text = text[..<anchor.lowerBound] }
    let bare = text.unicodeScalars.reversed().drop { $0 == "#" }
    if bare.count < text.unicodeScalars.count, bare.first == " " {
      text = Substring(text.unicodeScalars.dropLast(text.unicodeScalars.count - bare.count))
    }
    let plain = MarkdownInline.plain(String(text))
    if level == 1 && firstHeading == nil && !plain.isEmpty { firstHeading = plain }
    // The front matter's title is the page's first heading already.
    if level == 1 && collector.blocks.count == 1 && plain == title { return }
    collector.add(.heading(level: level), plain)
  }

  private func addRow(_ line: Substring, into collector: inout BlockCollector) {
    if Self.isTableRule(line) { return }
    var cells: [String] = []
    var cell: [UInt8] = []
    var escaped = false
    for byte in line.utf8 {
      if byte == 0x7C && !escaped {
        cells.append(String(decoding: cell, as: UTF8.self))
        cell = []
      } else {
        cell.append(byte)
      }
      escaped = byte == 0x5C && !escaped
    }
    cells.append(String(decoding: cell, as: UTF8.self))
    let texts = cells.map { TextTidying.prose(MarkdownInline.plain($0)) }.filter { !$0.isEmpty }
    collector.add(.tableRow, texts.joined(separator: " | "))
  }

  /// Reads up to the closing fence and takes the title; false where there is no closing fence nearby.
  private mutating func readFrontMatter(_ lines: inout TextLines, fence: Substring) -> Bool {
    var found: String?
    for _ in 0..<500 {
      guard let line = lines.next() else { return false }
      let trimmed = PlainTextReader.trimmed(line)
      if trimmed == fence || fence == "---" && trimmed == "..." {
        title = found
        return true
      }
      guard found == nil, line.lowercased().hasPrefix("title"),
        let separator = line.firstIndex(where: { $0 == ":" || $0 == "=" }),
        PlainTextReader.trimmed(line[..<separator]).utf8.count == 5
      else { continue }
      var value = PlainTextReader.trimmed(line[line.index(after: separator)...])
      for quote in ["\"", "'"] where value.hasPrefix(quote) && value.hasSuffix(quote) && value.utf8.count >= 2 {
        value = value.dropFirst().dropLast()
      }
      if !value.isEmpty { found = MarkdownInline.plain(String(value)) }
    }
    return false
  }

  /// The run of three or more backticks or tildes that a line begins with, if it opens or closes code.
  private static func fence(_ line: Substring) -> Substring? {
    guard let first = line.utf8.first, first == 0x60 || first == 0x7E else { return nil }
    let run = line.utf8.prefix { $0 == first }
    guard run.count >= 3, first != 0x60 || !line.utf8.dropFirst(run.count).contains(0x60) else { return nil }
    return Substring(run)
  }

  private static func headingLevel(_ line: Substring) -> Int? {
    let level = line.utf8.prefix(7).prefix { $0 == 0x23 }.count
    guard (1...6).contains(level) else { return nil }
    let next = line.utf8.dropFirst(level).first
    return next == nil || next == 0x20 || next == 0x09 ? level : nil
  }

  /// "===" or "---": 0x3D or 0x2D; also "***" and "___", which part text.
  private static func underline(_ line: Substring) -> UInt8? {
    guard let mark = line.utf8.first, mark == 0x3D || mark == 0x2D || mark == 0x2A || mark == 0x5F else { return nil }
    guard line.utf8.allSatisfy({ $0 == mark || $0 == 0x20 && mark != 0x3D }) else { return nil }
    return line.utf8.count { $0 == mark } >= (mark == 0x3D ? 2 : 3) ? mark : nil
  }

  private static func isTableRule(_ line: Substring) -> Bool {
    line.utf8.contains(0x7C) && line.utf8.contains(0x2D)
      && line.utf8.allSatisfy { $0 == 0x7C || $0 == 0x2D || $0 == 0x3A || $0 == 0x20 }
  }

  private static func withoutMarker(_ line: Substring) -> Substring {
    let utf8 = line.utf8
    var rest: Substring
    if let first = utf8.first, first >= 0x30 && first <= 0x39 || first | 0x20 >= 0x61 && first | 0x20 <= 0x7A {
      // The number stays: people speak of "step 3".
      return line
    }
    rest = PlainTextReader.trimmed(line.dropFirst())
    for box in ["[ ] ", "[x] ", "[X] "] where rest.hasPrefix(box) { rest = rest.dropFirst(4) }
    return rest
  }
}
