import CXML2
import TextExtraction

/// HTML, by libxml2's forgiving parser: headings, paragraphs, items, rows and preformatted text, without what is not for
/// reading (scripts, styles, navigation, forms' lists). No tree is built, so nesting of any depth costs nothing.
enum HTMLReader {
  /// The text of a page, if that is what the bytes are: by its first tag, else by its name.
  static func decode(_ bytes: [UInt8], name: String) -> String? {
    let head = bytes.prefix(8192)
    let lower = name.lowercased()
    let named = [".html", ".htm", ".xhtml", ".shtml"].contains { lower.hasSuffix($0) }
    let declared = declaredCharset(head)
    // A page in UTF-16 has its tags in it too, so the first tag is looked for in what it decodes to.
    guard named || looksLikeMarkup(head) else { return nil }
    guard let decoded = TextDecoding(bytes, declared: declared) else { return nil }
    return named || hasPageTag(decoded.text) ? decoded.text : nil
  }

  static func outcome(of text: String, into collector: BlockCollector, cut: Bool) -> ExtractionOutcome {
    let handler = HTMLHandler(collector: collector)
    guard let context = htmlNewParserCtxt() else { return .failed(reason: "memory", detail: "for an HTML parser") }
    defer { htmlFreeParserCtxt(context) }
    guard let parserSAX = context.pointee.sax else { return .failed(reason: "memory", detail: "for an HTML parser") }
    var sax = htmlSAXHandler()
    sax.startElement = { context, name, attributes in
      guard let handler = HTMLReader.handler(context), let name else { return }
      handler.start(HTMLReader.string(name), attributes: attributes)
      if handler.isFull { xmlStopParser(context?.assumingMemoryBound(to: xmlParserCtxt.self)) }
    }
    sax.endElement = { context, name in
      guard let handler = HTMLReader.handler(context), let name else { return }
      handler.end(HTMLReader.string(name))
    }
    let characters: charactersSAXFunc = { context, text, length in
      guard let handler = HTMLReader.handler(context), let text else { return }
      handler.characters(UnsafeBufferPointer(start: text, count: Int(length)))
    }
    sax.characters = characters
    sax.ignorableWhitespace = characters
    sax.cdataBlock = characters
    parserSAX.pointee = sax
    var content = HTMLAttributeLimit.apply(to: text)
    withExtendedLifetime(handler) {
      context.pointee._private = Unmanaged.passUnretained(handler).toOpaque()
      content.withUTF8 { bytes in
        bytes.withMemoryRebound(to: CChar.self) { bytes in
          let options = HTML_PARSE_RECOVER.rawValue | HTML_PARSE_NOERROR.rawValue | HTML_PARSE_NOWARNING.rawValue
          let network = HTML_PARSE_NONET.rawValue | HTML_PARSE_NODEFDTD.rawValue | HTML_PARSE_IGNORE_ENC.rawValue
          _ = htmlCtxtReadMemory(
            context, bytes.baseAddress, CInt(clamping: bytes.count), nil, "UTF-8", CInt(options | network))
        }
      }
      handler.finish()
      if context.pointee.errNo == CInt(XML_ERR_NO_MEMORY.rawValue) { handler.collector.cut("memory") }
    }
    if cut { handler.collector.cut("limit") }
    return handler.collector.outcome(type: "html", title: handler.title, blank: "empty")
  }

  private static func handler(_ context: UnsafeMutableRawPointer?) -> HTMLHandler? {
    guard let pointer = context?.assumingMemoryBound(to: xmlParserCtxt.self).pointee._private else { return nil }
    return Unmanaged<HTMLHandler>.fromOpaque(pointer).takeUnretainedValue()
  }

  static func string(_ pointer: UnsafePointer<xmlChar>) -> String { String(cString: pointer) }

  /// The charset in `<meta charset=…>`, `<meta http-equiv … content="…; charset=…">` or an XML declaration.
  private static func declaredCharset(_ head: ArraySlice<UInt8>) -> String? {
    let text = String(decoding: head.map { $0 < 0x80 ? $0 : 0x3F }, as: UTF8.self).lowercased()
    for mark in ["charset=", "encoding="] {
      var rest = text[...]
      while let found = rest.firstRange(of: mark) {
        rest = rest[found.upperBound...]
        let value = rest.drop { $0 == "\"" || $0 == "'" || $0 == " " }
          .prefix { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" || $0 == ":" }
        if !value.isEmpty { return String(value) }
      }
    }
    return nil
  }

  private static func looksLikeMarkup(_ head: ArraySlice<UInt8>) -> Bool {
    head.prefix(512).contains(0x3C)
  }

  /// Whether a text begins as a page does, after a declaration and comments.
  private static func hasPageTag(_ text: String) -> Bool {
    var rest = text.prefix(4096)[...]
    while true {
      rest = rest.drop { $0.isWhitespace || $0 == "\u{FEFF}" }
      let lower = rest.prefix(24).lowercased()
      if lower.hasPrefix("<!--") {
        guard let end = rest.firstRange(of: "-->") else { return false }
        rest = rest[end.upperBound...]
      } else if lower.hasPrefix("<?xml") {
        guard let end = rest.firstRange(of: ">") else { return false }
        rest = rest[end.upperBound...]
      } else {
        return [
          "<!doctype html", "<html", "<head", "<body", "<title", "<meta", "<p>", "<div", "<h1", "<table", "<center",
        ]
        .contains { lower.hasPrefix($0) }
      }
    }
  }
}
