import CXML2
import TextExtraction

/// Takes the parser's events and makes blocks of them.
final class HTMLHandler {
  private(set) var title: String?
  var collector: BlockCollector
  private(set) var isFull = false

  /// The block being gathered.
  private var text: [UInt8] = []
  private var kind = Block.Kind.paragraph
  /// Cells of the rows being gathered; a table in a cell adds to the cell.
  private var rows: [[String]] = []
  /// Open elements whose content is not for reading.
  private var skipped = 0
  private var skippedNames: [String] = []
  private var preformatted = 0
  private var inTitle = false
  private var titleText: [UInt8] = []
  /// A blank is due before the next letter; with a line break in it where that may vanish between wide letters.
  private var gap: Gap = .none
  private enum Gap { case none, blank, lineBreak }
  private var events = 0

  init(collector: BlockCollector) { self.collector = collector }

  func start(_ name: String, attributes: UnsafeMutablePointer<UnsafePointer<xmlChar>?>?) {
    events += 1
    if events & 1023 == 0 && collector.isFull() || collector.partial != nil { isFull = true }
    if skipped > 0 {
      if Self.unread.contains(name) || name == skippedNames.last { push(name) }
      return
    }
    if Self.unread.contains(name) || isNavigation(attributes) && Self.containers.contains(name) {
      flush()
      return push(name)
    }
    switch name {
    case "title" where title == nil: inTitle = true
    case "h1", "h2", "h3", "h4", "h5", "h6":
      flush()
      kind = .heading(level: Int(name.utf8.last! - 0x30))
    case "li", "dt", "dd":
      flush()
      kind = .listItem
    case "pre", "listing", "xmp":
      flush()
      preformatted += 1
      kind = .code
    case "tr":
      flush()
      rows.append([])
    case "td", "th": endCell()
    case "br": if kind == .code || !text.isEmpty { text.append(0x0A) }
    case "hr": flush()
    case "img": break
    default: if Self.blocks.contains(name) { flush() }
    }
  }

  func end(_ name: String) {
    if skipped > 0 {
      if name == skippedNames.last {
        skippedNames.removeLast()
        skipped -= 1
      }
      return
    }
    switch name {
    case "title":
      if inTitle {
        inTitle = false
        let found = TextTidying.prose(String(decoding: titleText, as: UTF8.self))
        if title == nil && !found.isEmpty { title = LineJoining.joined(found.split(separator: "\n")) }
      }
    case "pre", "listing", "xmp":
      flush()
      preformatted = max(0, preformatted - 1)
      kind = .paragraph
    case "h1", "h2", "h3", "h4", "h5", "h6", "li", "dt", "dd":
      flush()
      kind = .paragraph
    case "td", "th": endCell()
    case "tr":
      endCell()
      if let cells = rows.popLast(), !cells.isEmpty {
        let row = cells.joined(separator: " | ")
        if rows.isEmpty { collector.add(.tableRow, row) } else { rows[rows.count - 1].append(row) }
      }
    default: if Self.blocks.contains(name) { flush() }
    }
  }

  func characters(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard skipped == 0, !isFull else { return }
    if inTitle {
      if titleText.count < 4096 { titleText.append(contentsOf: bytes) }
      return
    }
    if preformatted > 0 {
      text.append(contentsOf: bytes)
    } else {
      appendCollapsed(bytes)
    }
    // A page that is one endless paragraph.
    if text.count > ExtractionMessage.maximumTextBytes { flush() }
  }

  func finish() {
    while !rows.isEmpty { end("tr") }
    flush()
  }

  /// White space becomes one blank; none where it holds a line break between wide letters.
  private func appendCollapsed(_ bytes: UnsafeBufferPointer<UInt8>) {
    var offset = 0
    while offset < bytes.count {
      let byte = bytes[offset]
      if byte == 0x20 || byte == 0x09 {
        if gap == .none { gap = .blank }
        offset += 1
      } else if byte == 0x0A || byte == 0x0D || byte == 0x0C {
        gap = .lineBreak
        offset += 1
      } else {
        if gap != .none, let last = text.last, last != 0x0A {
          let wide = gap == .lineBreak && last >= 0x80 && byte >= 0xE3
          if !(wide && isUnspaced(text.suffix(4)) && isUnspaced(bytes[offset..<min(bytes.count, offset + 4)])) {
            text.append(0x20)
          }
        }
        gap = .none
        let end = bytes[offset...].firstIndex { $0 <= 0x20 } ?? bytes.count
        text.append(contentsOf: bytes[offset..<end])
        offset = end
      }
    }
  }

  /// Whether the first whole letter of `bytes` (or the last, of a tail that may begin inside one) is of a script
  /// without blanks.
  private func isUnspaced(_ bytes: some Collection<UInt8>) -> Bool {
    String(decoding: bytes, as: UTF8.self).unicodeScalars.first { $0 != "\u{FFFD}" }.map(LineJoining.isUnspaced)
      ?? false
  }

  private func flush() {
    gap = .none
    guard !text.isEmpty else { return }
    let content = String(decoding: text, as: UTF8.self)
    text.removeAll(keepingCapacity: true)
    if rows.isEmpty {
      collector.add(kind, content)
    } else {
      let cell = TextTidying.prose(content)
      if !cell.isEmpty { rows[rows.count - 1].append(LineJoining.joined(cell.split(separator: "\n"))) }
    }
    if case .heading = kind { return }
    if preformatted == 0 && kind == .code { kind = .paragraph }
  }

  private func endCell() {
    flush()
  }

  private func push(_ name: String) {
    // A void or unclosed element of a name that is skipped must not swallow the page: the parser closes all of these.
    skipped += 1
    skippedNames.append(name)
  }

  private func isNavigation(_ attributes: UnsafeMutablePointer<UnsafePointer<xmlChar>?>?) -> Bool {
    guard var next = attributes else { return false }
    while let name = next.pointee {
      let value = next[1]
      next += 2
      guard let value else { continue }
      switch HTMLReader.string(name) {
      case "role": if HTMLReader.string(value) == "navigation" { return true }
      case "hidden": return true
      case "style":
        let style = HTMLReader.string(value).filter { $0 != " " }.lowercased()
        if style.contains("display:none") { return true }
      default: break
      }
    }
    return false
  }

  private static let unread: Set<String> = [
    "script", "style", "nav", "template", "svg", "iframe", "object", "applet", "select", "noframes", "math", "rt", "rp",
    "textarea", "button", "canvas", "audio", "video", "map",
  ]
  private static let containers: Set<String> = [
    "div", "ul", "ol", "section", "aside", "header", "footer", "table", "p",
  ]
  private static let blocks: Set<String> = [
    "p", "div", "section", "article", "main", "header", "footer", "aside", "ul", "ol", "dl", "table", "thead", "tbody",
    "tfoot", "caption", "blockquote", "figure", "figcaption", "address", "form", "fieldset", "legend", "details",
    "summary",
    "center", "body", "html", "head", "option", "hgroup", "noscript",
  ]
}
