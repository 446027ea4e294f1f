/// The line on which each key of a TOML document stands.
///
/// The TOML library gives positions of syntax errors only, and an administrator wants to be led to the key that is wrong.
/// This scanner follows TOML 1.0 closely enough to never mistake text inside a string, a comment or an array for a key;
/// it runs after the library has accepted the document and does not check it again.
struct KeyLines {
  /// Counted from one. A table made by a longer name (`[a.b]` makes `a`) has the line of that name.
  private(set) var lines: [ConfigurationKeyPath: Int] = [:]
  /// Lines with an escaped NUL in a string, which C-based readers take for the string's end.
  private(set) var linesWithEscapedNul: [Int] = []

  private let bytes: [UInt8]
  private var position = 0
  private var line = 1
  /// How many elements each array of tables (`[[name]]`) has so far.
  private var arrayCounts: [ConfigurationKeyPath: Int] = [:]

  init(of text: String) {
    bytes = Array(text.utf8)
    scanDocument()
  }

  subscript(path: ConfigurationKeyPath) -> Int? { lines[path] }

  // MARK: - The document

  private mutating func scanDocument() {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    var table = ConfigurationKeyPath()
    while true {
      skipBlanks(andNewlines: true)
      guard let byte = peek() else { return }
      let start = position
      if byte == UInt8(ascii: "[") {
        table = scanHeader()
      } else {
        scanPair(in: table)
      }
      // Never the case in a document that the library accepted, but an endless loop would be worse than a lost line.
      if position == start { advance() }
    }
  }

  private mutating func scanHeader() -> ConfigurationKeyPath {
    advance()
    let isArray = peek() == UInt8(ascii: "[")
    if isArray { advance() }
    let names = scanKey()
    var path = ConfigurationKeyPath()
    for (index, name) in names.enumerated() {
      path = path.key(name)
      note(path)
      if isArray && index == names.count - 1 {
        let count = arrayCounts[path, default: 0]
        arrayCounts[path] = count + 1
        path = path.element(count)
        note(path)
      } else if let count = arrayCounts[path] {
        path = path.element(count - 1)
      }
    }
    while peek() == UInt8(ascii: "]") { advance() }
    return path
  }

  private mutating func scanPair(in table: ConfigurationKeyPath) {
    var path = table
    for name in scanKey() {
      path = path.key(name)
      note(path)
    }
    skipBlanks(andNewlines: false)
    if peek() == UInt8(ascii: "=") { advance() }
    scanValue(at: path)
  }

  private mutating func scanValue(at path: ConfigurationKeyPath) {
    skipBlanks(andNewlines: false)
    switch peek() {
    case UInt8(ascii: "\""), UInt8(ascii: "'"):
      _ = scanString()
    case UInt8(ascii: "["):
      advance()
      var index = 0
      while true {
        skipBlanks(andNewlines: true, orCommas: true)
        guard let byte = peek() else { return }
        if byte == UInt8(ascii: "]") { return advance() }
        let element = path.element(index)
        note(element)
        let start = position
        scanValue(at: element)
        if position == start { advance() }
        index += 1
      }
    case UInt8(ascii: "{"):
      advance()
      while true {
        skipBlanks(andNewlines: true, orCommas: true)
        guard let byte = peek() else { return }
        if byte == UInt8(ascii: "}") { return advance() }
        let start = position
        scanPair(in: path)
        if position == start { advance() }
      }
    default:
      while let byte = peek(), !",]}#\n\r".utf8.contains(byte) { advance() }
    }
  }

  // MARK: - Keys and strings

  /// The parts of a dotted key; empty where no key stands here.
  private mutating func scanKey() -> [String] {
    var names: [String] = []
    while true {
      skipBlanks(andNewlines: false)
      guard let byte = peek() else { return names }
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
        names.append(scanString())
      } else {
        let start = position
        while let byte = peek(), !" \t.=[]{},#\n\r\"'".utf8.contains(byte) { advance() }
        guard position > start else { return names }
        names.append(String(decoding: bytes[start..<position], as: UTF8.self))
      }
      skipBlanks(andNewlines: false)
      guard peek() == UInt8(ascii: ".") else { return names }
      advance()
    }
  }

  /// Reads the string that starts here, of whichever of the four kinds, and gives its value.
  private mutating func scanString() -> String {
    let quote = bytes[position]
    let isBasic = quote == UInt8(ascii: "\"")
    let isMultiline = bytes[position...].starts(with: [quote, quote, quote])
    advance(isMultiline ? 3 : 1)
    var value: [UInt8] = []
    while let byte = peek() {
      if byte == quote {
        guard isMultiline else {
          advance()
          break
        }
        // Up to two quotes may stand before the three that close: """a""""" is a"".
        let run = bytes[position...].prefix(5).prefix { $0 == quote }.count
        advance(run)
        if run >= 3 {
          value.append(contentsOf: repeatElement(quote, count: run - 3))
          break
        }
        value.append(contentsOf: repeatElement(quote, count: run))
      } else if byte == UInt8(ascii: "\\") && isBasic {
        advance()
        scanEscape(into: &value)
      } else if byte == UInt8(ascii: "\n") && !isMultiline {
        break
      } else {
        value.append(byte)
        advance()
      }
    }
    return String(decoding: value, as: UTF8.self)
  }

  private mutating func scanEscape(into value: inout [UInt8]) {
    guard let byte = peek() else { return }
    let digits =
      switch byte {
      case UInt8(ascii: "u"): 4
      case UInt8(ascii: "U"): 8
      default: 0
      }
    guard digits > 0 else {
      let plain: [UInt8: UInt8] = [
        UInt8(ascii: "b"): 8, UInt8(ascii: "t"): 9, UInt8(ascii: "n"): 10, UInt8(ascii: "f"): 12,
        UInt8(ascii: "r"): 13, UInt8(ascii: "e"): 27,
      ]
      value.append(plain[byte] ?? byte)
      return advance()
    }
    advance()
    let text = String(decoding: bytes[position...].prefix(digits), as: UTF8.self)
    guard let number = UInt32(text, radix: 16), let scalar = Unicode.Scalar(number) else { return }
    if number == 0 { linesWithEscapedNul.append(line) }
    value.append(contentsOf: Array(String(Character(scalar)).utf8))
    advance(digits)
  }

  // MARK: - Bytes

  private mutating func note(_ path: ConfigurationKeyPath) {
    if lines[path] == nil { lines[path] = line }
  }

  private func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func advance(_ count: Int = 1) {
    for _ in 0..<count where position < bytes.count {
      if bytes[position] == UInt8(ascii: "\n") { line += 1 }
      position += 1
    }
  }

  private mutating func skipBlanks(andNewlines: Bool, orCommas: Bool = false) {
    while let byte = peek() {
      switch byte {
      case UInt8(ascii: " "), UInt8(ascii: "\t"): advance()
      case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
        guard andNewlines else { return }
        advance()
      case UInt8(ascii: ","):
        guard orCommas else { return }
        advance()
      case UInt8(ascii: "#"):
        guard andNewlines else { return }
        while let byte = peek(), byte != UInt8(ascii: "\n") { advance() }
      default: return
      }
    }
  }
}
