package import TextExtraction

/// From an open file to an outcome: finds out what the file is, by its content first and its name second, and gives it to
/// the reader of that format.
package enum Extractor {
  /// Bytes of a text file that are read: more than the text that is kept, in any charset.
  static let maximumTextFileBytes = 40 << 20

  /// - Parameters:
  ///   - name: the last component of the file's path.
  ///   - deadline: when to stop and return what there is.
  package static func outcome(of source: DocumentSource, name: String, deadline: ContinuousClock.Instant)
    -> ExtractionOutcome
  {
    let head = source.read(4096, at: 0)
    guard !head.isEmpty else { return .skipped(reason: "empty", detail: nil) }
    let signature = FileSignature(head)
    if signature == nil && FileSignature.hasLatePDFHeader(head) && hasPDFEnd(source) {
      return PDFReader.outcome(of: source, deadline: deadline)
    }
    switch signature {
    case .pdf: return PDFReader.outcome(of: source, deadline: deadline)
    case .zip: return WordReader.outcome(of: source, name: name, deadline: deadline)
    case .compound: return compound(source)
    case .unsupported(let what): return .skipped(reason: "unsupported", detail: what)
    case .archive: return .skipped(reason: "archive", detail: nil)
    case .binary(let what): return .skipped(reason: "binary", detail: what)
    case nil: return text(source, name: name, deadline: deadline)
    }
  }

  private static func text(_ source: DocumentSource, name: String, deadline: ContinuousClock.Instant)
    -> ExtractionOutcome
  {
    let bytes = source.read(maximumTextFileBytes, at: 0)
    var collector = BlockCollector(deadline: deadline)
    if let html = HTMLReader.decode(bytes, name: name) {
      return HTMLReader.outcome(of: html, into: collector, cut: source.size > bytes.count)
    }
    guard let decoded = TextDecoding(bytes) else { return .skipped(reason: "binary", detail: nil) }
    let form = TextForm(name: name)
    var title: String?
    switch form {
    case .markdown: title = MarkdownReader.read(decoded.text, into: &collector)
    case .code: PlainTextReader.readCode(decoded.text, into: &collector)
    case .table(let separator): PlainTextReader.readTable(decoded.text, separator: separator, into: &collector)
    case .prose(let headings): PlainTextReader.readProse(decoded.text, headings: headings, into: &collector)
    }
    if source.size > bytes.count { collector.cut("limit") }
    return collector.outcome(type: form == .markdown ? "markdown" : "text", title: title, blank: "empty")
  }

  private static func hasPDFEnd(_ source: DocumentSource) -> Bool {
    let tail = source.read(2048, at: max(0, source.size - 2048))
    return tail.contains(Array("startxref".utf8))
  }

  /// An OLE compound file: an old office document, or a new one under a password ([MS-OFFCRYPTO] 2.3.4).
  private static func compound(_ source: DocumentSource) -> ExtractionOutcome {
    let mark = "EncryptedPackage".utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
    // The directory lies anywhere; its entries begin at multiples of 128 bytes.
    var offset = 512
    let end = min(source.size, 64 << 20)
    while offset < end {
      let chunk = source.read(1 << 20, at: offset)
      for entry in stride(from: 0, to: chunk.count - mark.count, by: 128) where chunk[entry] == mark[0] {
        if chunk[entry...].starts(with: mark) { return .failed(reason: "encrypted", detail: "an office document") }
      }
      if chunk.isEmpty { break }
      offset += chunk.count
    }
    return .skipped(reason: "unsupported", detail: "compound file")
  }
}
