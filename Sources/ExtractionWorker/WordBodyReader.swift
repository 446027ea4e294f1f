import TextExtraction

/// Makes blocks of the paragraphs and tables in a part of a Word document (WordprocessingML, ECMA-376 part 1, 17).
struct WordBodyReader {
  private struct Paragraph {
    var text = ""
    var style: String?
    var outline: Int?
    var isNumbered: Bool?
  }
  private struct Row {
    var cells: [String] = []
    var cell: [String] = []
  }

  let styles: WordStyles
  /// The first paragraph of style "Title".
  private(set) var title: String?
  /// Open paragraphs: a text box in one holds others.
  private var paragraphs: [Paragraph] = []
  /// Open rows: a cell may hold a table.
  private var rows: [Row] = []
  private var inText = false
  private var inProperties = 0
  private var isHidden = false

  init(styles: WordStyles) { self.styles = styles }

  /// Reads to the end of the part, whose root element was just started, or until there is enough.
  mutating func read(_ part: XMLPart, into collector: inout BlockCollector) {
    var events = 0
    while let event = part.next() {
      events += 1
      if events & 4095 == 0 && collector.isFull() || collector.partial != nil { break }
      switch event {
      case .start(let name): start(name, part)
      case .end(let name): end(name, into: &collector)
      case .text(let text):
        if inText && !isHidden && !paragraphs.isEmpty { paragraphs[paragraphs.count - 1].text += text }
      }
    }
    // What a broken part left open.
    while !paragraphs.isEmpty { end("p", into: &collector) }
    while !rows.isEmpty { end("tr", into: &collector) }
  }

  private mutating func start(_ name: String, _ part: XMLPart) {
    switch name {
    case "t": inText = true
    case "r": isHidden = false
    case "p": paragraphs.append(Paragraph())
    case "pPr": inProperties += 1
    case "pStyle": change { $0.style = part.attribute("val") }
    case "outlineLvl": change { $0.outline = part.attribute("val").flatMap { Int($0) } }
    case "numPr": change { $0.isNumbered = true }
    case "numId": if part.attribute("val") == "0" { change { $0.isNumbered = false } }
    case "vanish":
      let value = part.attribute("val")
      if inProperties == 0 { isHidden = value != "0" && value != "false" && value != "off" }
    case "tab", "ptab": if inProperties == 0 { change { $0.text += "\t" } }
    case "br", "cr": change { $0.text += "\n" }
    case "noBreakHyphen": change { $0.text += "-" }
    case "tr": rows.append(Row())
    case "tc": if !rows.isEmpty { rows[rows.count - 1].cell = [] }
    // Deleted or moved away, the older form of what was just read, readings over ideographs, earlier formatting.
    case "del", "moveFrom", "Fallback", "rt", "pPrChange", "rPrChange", "sectPrChange", "sectPr": part.skipElement()
    // The lines that part notes from text.
    case "footnote", "endnote": if part.attribute("type") != nil { part.skipElement() }
    default: break
    }
  }

  private mutating func end(_ name: String, into collector: inout BlockCollector) {
    switch name {
    case "t": inText = false
    case "pPr": inProperties = max(0, inProperties - 1)
    case "p": if let paragraph = paragraphs.popLast() { add(paragraph, into: &collector) }
    case "tc":
      guard !rows.isEmpty else { return }
      let cell = rows[rows.count - 1].cell.joined(separator: " ")
      if !cell.isEmpty { rows[rows.count - 1].cells.append(cell) }
      rows[rows.count - 1].cell = []
    case "tr":
      guard let row = rows.popLast() else { return }
      // Of a broken part, the cell that was open.
      let cells = row.cell.isEmpty ? row.cells : row.cells + [row.cell.joined(separator: " ")]
      let text = cells.joined(separator: " | ")
      if rows.isEmpty {
        collector.add(.tableRow, text)
      } else if !text.isEmpty {
        rows[rows.count - 1].cell.append(text)
      }
    default: break
    }
  }

  private mutating func add(_ paragraph: Paragraph, into collector: inout BlockCollector) {
    if !rows.isEmpty {
      let text = TextTidying.prose(paragraph.text).split(separator: "\n").joined(separator: " ")
      if !text.isEmpty { rows[rows.count - 1].cell.append(text) }
      return
    }
    let heading =
      paragraph.outline.map { (0...8).contains($0) ? $0 + 1 : nil } ?? paragraph.style.flatMap(styles.headingLevel)
    if let level = heading {
      let text = TextTidying.prose(paragraph.text).split(separator: "\n").joined(separator: " ")
      if title == nil, let style = paragraph.style, styles.isTitle(style), !text.isEmpty { title = text }
      collector.add(.heading(level: level), text)
    } else {
      let isItem = paragraph.isNumbered ?? paragraph.style.map(styles.isListItem) ?? false
      collector.add(isItem ? .listItem : .paragraph, paragraph.text)
    }
  }

  private mutating func change(_ body: (inout Paragraph) -> Void) {
    if !paragraphs.isEmpty { body(&paragraphs[paragraphs.count - 1]) }
  }
}
