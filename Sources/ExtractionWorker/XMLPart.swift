import CXML2

/// Streams through the XML of one part of an office document. No DTD is read, no entity is put in, nothing is fetched;
/// elements nested deeper than 256 and texts longer than 10 MB are errors (libxml2's own limits).
final class XMLPart {
  enum Event {
    /// Local name.
    case start(String)
    case end(String)
    case text(String)
  }

  /// Why the part ended before its end: "malformed" or "limit".
  private(set) var failure: String?
  /// Fills a buffer with the part's next bytes; returns how many, negative where the part is broken.
  private let read: (UnsafeMutableRawBufferPointer) -> Int
  private let reachedLimit: () -> Bool
  private var reader: xmlTextReaderPtr?
  /// The element that was just started is empty: its end comes next.
  private var pendingEnd: String?
  private var failedRead = false

  /// Reads the current entry of `zip`.
  convenience init(_ zip: ZipArchive) {
    self.init(read: { zip.read(into: $0) }, reachedLimit: { zip.reachedLimit })
  }

  /// Reads bytes in memory.
  convenience init(_ bytes: [UInt8]) {
    var rest = bytes[...]
    self.init(
      read: { buffer in
        let count = min(buffer.count, rest.count)
        buffer.copyBytes(from: rest.prefix(count))
        rest = rest.dropFirst(count)
        return count
      }, reachedLimit: { false })
  }

  private init(
    read: @escaping (UnsafeMutableRawBufferPointer) -> Int, reachedLimit: @escaping () -> Bool
  ) {
    self.read = read
    self.reachedLimit = reachedLimit
    let options =
      XML_PARSE_NONET.rawValue | XML_PARSE_NOERROR.rawValue | XML_PARSE_NOWARNING.rawValue | XML_PARSE_COMPACT.rawValue
    xmlResetLastError()
    reader = xmlReaderForIO(
      { context, bytes, count in
        let part = Unmanaged<XMLPart>.fromOpaque(context!).takeUnretainedValue()
        let got = part.read(UnsafeMutableRawBufferPointer(start: bytes, count: Int(count)))
        if got < 0 { part.failedRead = true }
        // An error here would discard what libxml2 has read ahead: the text ends instead, and is found to be cut.
        return CInt(max(0, got))
      }, { _ in 0 }, Unmanaged.passUnretained(self).toOpaque(), nil, nil, CInt(options))
    if reader == nil { failure = "malformed" }
  }

  deinit { if let reader { xmlFreeTextReader(reader) } }

  /// The next event; nil at the end, or where the part is broken.
  func next() -> Event? {
    if let name = pendingEnd {
      pendingEnd = nil
      return .end(name)
    }
    guard let reader, failure == nil else { return nil }
    while true {
      let result = xmlTextReaderRead(reader)
      guard result == 1 else {
        if result < 0 || failedRead {
          // libxml2 reports a text that is too long for it as memory that it lacks.
          let isTooLong = result < 0 && xmlGetLastError()?.pointee.code == CInt(XML_ERR_NO_MEMORY.rawValue)
          failure = reachedLimit() || isTooLong ? "limit" : "malformed"
        }
        return nil
      }
      switch xmlTextReaderNodeType(reader) {
      case CInt(XML_READER_TYPE_ELEMENT.rawValue):
        let name = string(xmlTextReaderConstLocalName(reader))
        if xmlTextReaderIsEmptyElement(reader) == 1 { pendingEnd = name }
        return .start(name)
      case CInt(XML_READER_TYPE_END_ELEMENT.rawValue): return .end(string(xmlTextReaderConstLocalName(reader)))
      case CInt(XML_READER_TYPE_TEXT.rawValue), CInt(XML_READER_TYPE_CDATA.rawValue),
        CInt(XML_READER_TYPE_SIGNIFICANT_WHITESPACE.rawValue):
        return .text(string(xmlTextReaderConstValue(reader)))
      case CInt(XML_READER_TYPE_DOCUMENT_TYPE.rawValue):
        // Office documents have none (ECMA-376 part 2, 8.1.4); what has one means harm.
        failure = "malformed"
        return nil
      default: continue
      }
    }
  }

  /// An attribute of the element that was just started, by its local name.
  func attribute(_ name: String) -> String? {
    guard let reader, xmlTextReaderMoveToFirstAttribute(reader) == 1 else { return nil }
    defer { xmlTextReaderMoveToElement(reader) }
    repeat {
      if string(xmlTextReaderConstLocalName(reader)) == name { return string(xmlTextReaderConstValue(reader)) }
    } while xmlTextReaderMoveToNextAttribute(reader) == 1
    return nil
  }

  /// Passes over the rest of the element that was just started, its end included.
  func skipElement() {
    var depth = 1
    while depth > 0, let event = next() {
      switch event {
      case .start: depth += 1
      case .end: depth -= 1
      case .text: break
      }
    }
  }

  private func string(_ pointer: UnsafePointer<xmlChar>?) -> String { pointer.map { String(cString: $0) } ?? "" }
}
