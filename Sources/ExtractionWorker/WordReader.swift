import TextExtraction

/// DOCX (ECMA-376): paragraphs, headings by style or outline level, items of lists, tables row by row, text boxes, then
/// footnotes, endnotes, headers and footers. Deleted and hidden text is left out.
enum WordReader {
  static func outcome(of source: DocumentSource, name: String, deadline: ContinuousClock.Instant) -> ExtractionOutcome {
    do throws(ZipArchive.Failure) {
      return try read(source, name: name.lowercased(), deadline: deadline)
    } catch {
      switch error {
      case .memory: return .failed(reason: "memory", detail: "for an archive")
      case .malformed: return .failed(reason: "malformed", detail: "a broken ZIP archive")
      }
    }
  }

  private static func read(_ source: DocumentSource, name: String, deadline: ContinuousClock.Instant)
    throws(ZipArchive.Failure) -> ExtractionOutcome
  {
    let isNamed = [".docx", ".docm", ".dotx", ".dotm"].contains { name.hasSuffix($0) }
    let package = OfficePackage(source)
    if package.main == nil && !isNamed {
      let known = [
        ".xlsx", ".xlsm", ".pptx", ".pptm", ".epub", ".odt", ".ods", ".odp", ".odg", ".vsdx", ".jar", ".apk",
      ]
      let isDocument = known.contains { name.hasSuffix($0) } || package.beginsWithMimetype
      return .skipped(reason: isDocument ? "unsupported" : "archive", detail: nil)
    }
    let path = package.main ?? "word/document.xml"
    let folder = path.split(separator: "/").dropLast().joined(separator: "/")
    let styles = package.parts[(folder + "/styles.xml").lowercased()].map { WordStyles(XMLPart($0)) } ?? WordStyles()
    var collector = BlockCollector(deadline: deadline)

    let zip = try ZipArchive(source)
    guard try zip.find(path) else { return .failed(reason: "malformed", detail: "no part \(path)") }
    if zip.isEncrypted { return .failed(reason: "encrypted", detail: nil) }
    let body = XMLPart(zip)
    guard case .start(let root)? = body.next() else {
      return .failed(reason: body.failure ?? "malformed", detail: "no XML in \(path)")
    }
    guard root == "document" else { return .skipped(reason: "unsupported", detail: root) }
    var reader = WordBodyReader(styles: styles)
    reader.read(body, into: &collector)
    if let failure = body.failure { collector.cut(failure) }
    addMargins(of: source, beneath: folder, styles: styles, to: &collector)
    let title = package.parts["docprops/core.xml"].flatMap { coreTitle(in: XMLPart($0)) }
    return collector.outcome(type: "docx", title: title ?? reader.title, blank: "empty")
  }

  /// Footnotes and endnotes, then headers and footers, each text once: most pages repeat them. What cannot be reached in a
  /// broken package is left out: the body counts.
  private static func addMargins(
    of source: DocumentSource, beneath folder: String, styles: WordStyles, to collector: inout BlockCollector
  ) {
    var notes = BlockCollector(deadline: collector.deadline)
    var margins = BlockCollector(deadline: collector.deadline)
    guard let zip = try? ZipArchive(source) else { return }
    let prefix = folder.isEmpty ? "" : folder + "/"
    while !collector.isFull(), let name = try? zip.next() {
      guard name.hasPrefix(prefix), name.hasSuffix(".xml") else { continue }
      let part = name.dropFirst(prefix.count)
      var reader = WordBodyReader(styles: styles)
      if part == "footnotes.xml" || part == "endnotes.xml" {
        reader.read(XMLPart(zip), into: &notes)
      } else if part.hasPrefix("header") || part.hasPrefix("footer") {
        reader.read(XMLPart(zip), into: &margins)
      }
    }
    for block in notes.blocks { collector.add(block.kind, block.text) }
    var seen: Set<String> = []
    for block in margins.blocks where seen.insert(block.text).inserted { collector.add(block.kind, block.text) }
    if let cut = notes.partial ?? margins.partial { collector.cut(cut) }
  }

  private static func coreTitle(in part: XMLPart) -> String? {
    var inTitle = false
    while let event = part.next() {
      switch event {
      case .start(let name): inTitle = name == "title"
      case .text(let text) where inTitle: return text
      default: break
      }
    }
    return nil
  }
}
