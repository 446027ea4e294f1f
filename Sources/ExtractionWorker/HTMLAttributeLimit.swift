/// Cuts the attributes of tags that have thousands of them: libxml2 compares each with all others.
enum HTMLAttributeLimit {
  private static let maximumAttributes = 1000

  static func apply(to text: String) -> String {
    var text = text
    return text.withUTF8 { bytes in
      var result: [UInt8]?
      var copied = 0
      var offset = 0
      while let start = bytes[offset...].firstIndex(of: 0x3C) {
        guard start + 1 < bytes.count, bytes[start + 1] | 0x20 >= 0x61, bytes[start + 1] | 0x20 <= 0x7A else {
          offset = start + 1
          continue
        }
        let (cut, end) = limit(bytes, from: start + 1)
        if let cut {
          result = (result ?? []) + bytes[copied..<cut]
          copied = end
        }
        offset = end
      }
      guard var result else { return String(decoding: bytes, as: UTF8.self) }
      result += bytes[copied...]
      return String(decoding: result, as: UTF8.self)
    }
  }

  /// Where the tag has had enough attributes, if ever, and where it ends: at its ">" outside of quotes.
  private static func limit(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> (cut: Int?, end: Int) {
    var attributes = 0
    var quote: UInt8 = 0
    var before: UInt8 = 0
    var cut: Int?
    var offset = start
    while offset < bytes.count {
      let byte = bytes[offset]
      if quote != 0 {
        if byte == quote { quote = 0 }
      } else if byte == 0x3E {
        return (cut, offset)
      } else if (byte == 0x22 || byte == 0x27) && before == 0x3D {
        quote = byte
      } else if byte > 0x20 && before <= 0x20 {
        attributes += 1
        if attributes == maximumAttributes { cut = offset }
      }
      before = byte
      offset += 1
    }
    // A quote that never closes: not what a browser would call a tag's end, and nothing that costs time.
    return (cut, bytes.count)
  }
}
