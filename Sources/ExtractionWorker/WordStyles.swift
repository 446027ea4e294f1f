/// What the styles of a Word document say of paragraphs: which are headings, which are items of lists.
struct WordStyles {
  private struct Style {
    var name = ""
    var base: String?
    /// From 0; 9 is body text.
    var outline: Int?
    var isNumbered: Bool?
  }
  private var styles: [String: Style] = [:]

  /// No styles: the built-in identifiers still mean what they say.
  init() {}

  init(_ part: XMLPart) {
    var current: (id: String, style: Style)?
    while styles.count < 10_000, let event = part.next() {
      switch event {
      case .start("style"): current = (part.attribute("styleId") ?? "", Style())
      case .start("name"): current?.style.name = (part.attribute("val") ?? "").lowercased()
      case .start("basedOn"): current?.style.base = part.attribute("val")
      case .start("outlineLvl"): current?.style.outline = part.attribute("val").flatMap { Int($0) }
      case .start("numId"): current?.style.isNumbered = part.attribute("val") != "0"
      case .end("style"):
        if let (id, style) = current { styles[id] = style }
        current = nil
      default: break
      }
    }
  }

  /// The heading level, from 1, of a paragraph of this style; nil for other paragraphs.
  func headingLevel(_ id: String) -> Int? {
    var id: String? = id
    // A chain of bases ends; a loop, in a broken file, must too.
    for _ in 0..<16 {
      guard let known = id else { return nil }
      let style = styles[known]
      let name = style?.name ?? known.lowercased()
      if name == "title" { return 1 }
      if name.hasPrefix("heading"), let level = name.utf8.last.map({ Int($0) - 0x30 }), (1...9).contains(level) {
        return level
      }
      if let outline = style?.outline { return (0...8).contains(outline) ? outline + 1 : nil }
      id = style?.base
    }
    return nil
  }

  func isTitle(_ id: String) -> Bool { (styles[id]?.name ?? id.lowercased()) == "title" }

  func isListItem(_ id: String) -> Bool {
    var id: String? = id
    for _ in 0..<16 {
      guard let known = id else { return false }
      let style = styles[known]
      if let isNumbered = style?.isNumbered { return isNumbered }
      let name = style?.name ?? known.lowercased()
      if name.hasPrefix("list bullet") || name.hasPrefix("list number") { return true }
      id = style?.base
    }
    return false
  }
}
