/// Frees text of what nobody sees: control characters, byte order marks, doubled blanks, blanks at line ends.
enum TextTidying {
  /// Runs of blanks become one; lines lose the blanks at their ends, empty lines go.
  static func prose(_ text: String) -> String {
    var text = text
    return text.withUTF8 { bytes in
      var result: [UInt8] = []
      result.reserveCapacity(bytes.count)
      var gap: UInt8 = 0
      forEachVisible(bytes) { range, blank in
        switch blank {
        case .lineBreak: gap = 0x0A
        case .space: if gap == 0 { gap = 0x20 }
        case nil:
          if gap != 0 && !result.isEmpty { result.append(gap) }
          gap = 0
          result.append(contentsOf: bytes[range])
        }
      }
      return String(decoding: result, as: UTF8.self)
    }
  }

  /// Blanks inside lines stay, tabs included; blanks at the ends of lines and empty lines at the ends of the text go.
  static func code(_ text: String) -> String {
    var text = text
    return text.withUTF8 { bytes in
      var result: [UInt8] = []
      result.reserveCapacity(bytes.count)
      var lines = 0
      var blanks: [UInt8] = []
      forEachVisible(bytes) { range, blank in
        switch blank {
        case .lineBreak:
          lines += 1
          blanks = []
        case .space: blanks.append(contentsOf: bytes[range])
        case nil:
          if !result.isEmpty { result.append(contentsOf: repeatElement(0x0A, count: min(lines, 2))) }
          lines = 0
          result.append(contentsOf: blanks)
          blanks = []
          result.append(contentsOf: bytes[range])
        }
      }
      return String(decoding: result, as: UTF8.self)
    }
  }

  private enum Blank { case space, lineBreak }

  private static func forEachVisible(_ bytes: UnsafeBufferPointer<UInt8>, _ body: (Range<Int>, Blank?) -> Void) {
    var offset = 0
    while offset < bytes.count {
      let first = bytes[offset]
      let length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
      let range = offset..<offset + length
      offset += length
      switch first {
      case 0x0A: body(range, .lineBreak)
      case 0x0D: if offset >= bytes.count || bytes[offset] != 0x0A { body(range, .lineBreak) }
      case 0x09, 0x20: body(range, .space)
      case 0x0B, 0x0C: body(range, .lineBreak)
      case 0x00..<0x20, 0x7F: break
      case 0xC2:
        switch bytes[range.lowerBound + 1] {
        case 0x85: body(range, .lineBreak)
        case 0x80...0x9F, 0xAD: break
        case 0xA0: body(range, .space)
        default: body(range, nil)
        }
      case 0xE2 where bytes[range.lowerBound + 1] == 0x80:
        switch bytes[range.lowerBound + 2] {
        case 0x80...0x8A, 0xAF: body(range, .space)
        case 0x8B, 0xAA...0xAE, 0x8E, 0x8F: break
        case 0xA8, 0xA9: body(range, .lineBreak)
        default: body(range, nil)
        }
      case 0xE3 where bytes[range.lowerBound + 1] == 0x80 && bytes[range.lowerBound + 2] == 0x80: body(range, .space)
      case 0xEF where bytes[range.lowerBound + 1] == 0xBB && bytes[range.lowerBound + 2] == 0xBF: break
      default: body(range, nil)
      }
    }
  }
}
