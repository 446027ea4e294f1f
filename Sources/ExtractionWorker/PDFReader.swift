import CPoppler
import TextExtraction

/// PDF, by poppler: page by page, lines put together to paragraphs by where they lie on the page.
enum PDFReader {
  static func outcome(of source: DocumentSource, deadline: ContinuousClock.Instant) -> ExtractionOutcome {
    let descriptor = source.duplicateDescriptor()
    guard descriptor >= 0 else { return .failed(reason: "limit", detail: "no descriptor left") }
    var error: UnsafeMutablePointer<GError>?
    // It closes the descriptor, also where it fails.
    guard let document = poppler_document_new_from_fd(descriptor, nil, &error) else {
      defer { g_clear_error(&error) }
      let code = error?.pointee.code
      let isEncrypted =
        error?.pointee.domain == poppler_error_quark() && code == CInt(POPPLER_ERROR_ENCRYPTED.rawValue)
      return .failed(reason: isEncrypted ? "encrypted" : "malformed", detail: code.map { "poppler's error \($0)" })
    }
    defer { fumikura_object_unref(UnsafeMutableRawPointer(document)) }
    var collector = BlockCollector(deadline: deadline)
    var body = BodySize()
    var missing = 0
    let count = poppler_document_get_n_pages(document)
    guard count > 0 else { return .failed(reason: "malformed", detail: "no pages") }
    // The count is what the file claims; pages that are not there end it.
    for index in 0..<count {
      if collector.isFull() { break }
      guard let page = poppler_document_get_page(document, index) else {
        missing += 1
        if missing > 100 { break }
        continue
      }
      defer { fumikura_object_unref(UnsafeMutableRawPointer(page)) }
      let lines = PDFLine.lines(of: page)
      for line in lines { body.count(line) }
      for paragraph in PDFParagraphs.paragraphs(of: lines, body: body.size) {
        collector.add(paragraph.kind, paragraph.text, page: Int(index) + 1)
      }
    }
    if missing > 0 && !collector.isEmpty { collector.cut("malformed") }
    if collector.isEmpty && missing > 0 {
      return .failed(reason: "malformed", detail: "\(missing) pages are missing")
    }
    let blank = collector.isEmpty && !showsAnything(document, pages: count) ? "empty" : "no-text"
    return collector.outcome(type: "pdf", title: title(of: document), blank: blank)
  }

  /// Whether any of the first pages has anything on it, text or not: a scan has.
  private static func showsAnything(_ document: OpaquePointer, pages: CInt) -> Bool {
    for index in 0..<min(pages, 10) {
      guard let page = poppler_document_get_page(document, index) else { continue }
      defer { fumikura_object_unref(UnsafeMutableRawPointer(page)) }
      var box = PopplerRectangle()
      if poppler_page_get_bounding_box(page, &box) != 0 { return true }
    }
    return false
  }

  private static func title(of document: OpaquePointer) -> String? {
    guard let pointer = poppler_document_get_title(document) else { return nil }
    defer { g_free(pointer) }
    var title = TextTidying.prose(String(cString: pointer)).split(separator: "\n").joined(separator: " ")
    // What converters put there.
    for prefix in ["Microsoft Word - ", "Microsoft PowerPoint - ", "Microsoft Excel - "] where title.hasPrefix(prefix) {
      title = String(title.dropFirst(prefix.count))
    }
    return title.isEmpty || title.lowercased() == "untitled" ? nil : title
  }

  /// The font size that most letters so far have.
  private struct BodySize {
    private var letters: [Int: Int] = [:]

    mutating func count(_ line: PDFLine) {
      if letters.count < 1000 { letters[Int((line.size * 4).rounded()), default: 0] += line.text.utf8.count }
    }

    var size: Double {
      Double(letters.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? 40) / 4
    }
  }
}
