/// Markup within a line: emphasis, code, links, pictures, tags, entities.
enum MarkdownInline {
  /// How far the end of a link's target, a tag or a code span is looked for: bounds the work on hostile text.
  private static let reach = 2048

  /// What a reader sees of `text`.
  static func plain(_ text: String) -> String {
    guard text.utf8.contains(where: isMarkup) else { return text }
    var stripper = Stripper(bytes: Array(text.utf8))
    return stripper.run()
  }

  private static func isMarkup(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x5C, 0x60, 0x21, 0x5B, 0x5D, 0x3C, 0x2A, 0x5F, 0x7E, 0x26, 0x7B: true
    default: false
    }
  }

  private struct Stripper {
    let bytes: [UInt8]
    var output: [UInt8] = []
    /// Where brackets that are still open stand in the output.
    var open: [Int] = []
    /// Brackets in the output that turned out to be markup.
    var dropped: [Int] = []
    var offset = 0
    /// Whether data in place of an address may still come to an end.
    var dataEnds = true

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func run() -> String {
      output.reserveCapacity(bytes.count)
      while offset < bytes.count { step() }
      guard !dropped.isEmpty else { return String(decoding: output, as: UTF8.self) }
      dropped.sort()
      var kept: [UInt8] = []
      kept.reserveCapacity(output.count)
      var start = 0
      for index in dropped {
        kept += output[start..<index]
        start = index + 1
      }
      kept += output[start...]
      return String(decoding: kept, as: UTF8.self)
    }

    private mutating func step() {
      let byte = bytes[offset]
      switch byte {
      case 0x5C:
        // A backslash before punctuation.
        let next = peek(1)
        if next > 0x20 && next < 0x7F && !isWord(next) {
          output.append(next)
          offset += 2
        } else {
          copy()
        }
      case 0x60: codeSpan()
      case 0x21 where peek(1) == 0x5B: offset += 1
      case 0x5B:
        open.append(output.count)
        copy()
      case 0x5D: closeBracket()
      case 0x3C: tag()
      case 0x2A, 0x5F, 0x7E: emphasis(byte)
      case 0x26: entity()
      case 0x7B: template()
      default: copy()
      }
    }

    private func peek(_ distance: Int) -> UInt8 {
      offset + distance < bytes.count && offset + distance >= 0 ? bytes[offset + distance] : 0
    }

    private mutating func copy() {
      output.append(bytes[offset])
      offset += 1
    }

    private func isWord(_ byte: UInt8) -> Bool {
      byte >= 0x30 && byte <= 0x39 || byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A || byte >= 0x80
    }

    private mutating func codeSpan() {
      var length = 0
      while peek(length) == 0x60 { length += 1 }
      let start = offset + length
      let end = min(bytes.count, start + MarkdownInline.reach)
      var index = start
      while index < end {
        guard bytes[index] == 0x60 else {
          index += 1
          continue
        }
        var run = 0
        while index + run < bytes.count && bytes[index + run] == 0x60 { run += 1 }
        if run == length {
          output += bytes[start..<index]
          offset = index + run
          return
        }
        index += run
      }
      offset = start
    }

    private mutating func closeBracket() {
      guard let start = open.popLast() else { return copy() }
      if peek(1) == 0x28, let end = closing(0x29, from: offset + 2, opening: 0x28) {
        dropped.append(start)
        offset = end
      } else if peek(1) == 0x5B, let end = closing(0x5D, from: offset + 2, opening: 0) {
        dropped.append(start)
        offset = end
      } else {
        copy()
      }
    }

    /// Just behind the `mark` that closes what opened before `start`, if it is within reach.
    private mutating func closing(_ mark: UInt8, from start: Int, opening: UInt8) -> Int? {
      // Data in place of an address may be long: there is nothing but one closing mark to look for.
      let isData = dataEnds && bytes[min(start, bytes.count)...].starts(with: Array("data:".utf8))
      let end = isData ? bytes.count : min(bytes.count, start + MarkdownInline.reach)
      var depth = 0
      var index = start
      while index < end {
        let byte = bytes[index]
        if byte == mark {
          if depth == 0 { return index + 1 }
          depth -= 1
        } else if byte == opening && opening != 0 {
          depth += 1
        } else if byte == 0x5C {
          index += 1
        }
        index += 1
      }
      if isData { dataEnds = false }
      return nil
    }

    private mutating func tag() {
      let next = peek(1) | 0x20
      let isTag = next >= 0x61 && next <= 0x7A || peek(1) == 0x2F || peek(1) == 0x21
      guard isTag, let end = bytes[offset..<min(bytes.count, offset + 1024)].firstIndex(of: 0x3E) else { return copy() }
      let content = bytes[(offset + 1)..<end]
      // An address between angle brackets is text; a tag is not.
      if content.contains(0x40) || content.starts(with: Array("http".utf8)) {
        output += content
      } else if next == 0x62 && peek(2) | 0x20 == 0x72 {
        output.append(0x0A)
      }
      offset = end + 1
    }

    /// Marks of emphasis touch a word on one side; "_" within a word, and "*" between blanks or numbers, are themselves.
    private mutating func emphasis(_ mark: UInt8) {
      var length = 0
      while peek(length) == mark { length += 1 }
      let before = offset > 0 ? bytes[offset - 1] : 0x20
      let after = peek(length)
      let insideWord = isWord(before) && isWord(after)
      let free = (before <= 0x20 || offset == 0) && (after <= 0x20)
      let literal =
        free || mark == 0x7E && length != 2 || mark == 0x5F && insideWord
        || mark == 0x2A && length == 1 && before >= 0x30 && before <= 0x39 && after >= 0x30 && after <= 0x39
      if literal { output += bytes[offset..<offset + length] }
      offset += length
    }

    private mutating func entity() {
      guard let end = bytes[offset..<min(bytes.count, offset + 12)].firstIndex(of: 0x3B) else { return copy() }
      let name = String(decoding: bytes[(offset + 1)..<end], as: UTF8.self)
      let text: String?
      if name.hasPrefix("#x") || name.hasPrefix("#X") {
        text = UInt32(name.dropFirst(2), radix: 16).flatMap(Unicode.Scalar.init).map(String.init)
      } else if name.hasPrefix("#") {
        text = UInt32(name.dropFirst()).flatMap(Unicode.Scalar.init).map(String.init)
      } else {
        text = Self.entities[name]
      }
      guard let text else { return copy() }
      output += text.utf8
      offset = end + 1
    }

    /// Site generators' calls: {{< … >}}, {{% … %}}, {% … %}.
    private mutating func template() {
      let isCall = peek(1) == 0x25 || peek(1) == 0x7B && (peek(2) == 0x3C || peek(2) == 0x25)
      guard isCall else { return copy() }
      let end = min(bytes.count, offset + 512)
      var index = offset + 2
      while index + 1 < end {
        if bytes[index] == 0x25 || bytes[index] == 0x3E || bytes[index] == 0x7D, bytes[index + 1] == 0x7D {
          offset = index + 2
          if peek(0) == 0x7D { offset += 1 }
          return
        }
        index += 1
      }
      copy()
    }

    private static let entities = [
      "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": " ", "copy": "©", "reg": "®", "trade": "™",
      "mdash": "—", "ndash": "–", "hellip": "…", "lsquo": "‘", "rsquo": "’", "ldquo": "“", "rdquo": "”", "times": "×",
      "rarr": "→", "larr": "←", "middot": "·", "bull": "•", "deg": "°", "eacute": "é",
    ]
  }
}
