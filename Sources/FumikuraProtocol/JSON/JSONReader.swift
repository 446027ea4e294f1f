/// Reads one JSON text strictly (RFC 8259), with bounds that a hostile sender cannot pass.
///
/// Beyond the grammar it refuses what two readers could understand differently or what costs without limit: bytes that
/// are not UTF-8, a name that appears twice in an object, lone surrogates, numbers that no double holds, nesting deeper
/// than `maximumDepth`. Every refusal says where. Linear in the bytes, apart from the check for repeated names.
package struct JSONReader {
  /// Arrays and objects inside one another.
  package static let maximumDepth = 32
  /// Members of one object.
  package static let maximumMembers = 4096
  private static let maximumNumberLength = 400

  private let bytes: UnsafeBufferPointer<UInt8>
  private var position = 0

  /// The value that all of `bytes` spell, white space around it allowed.
  package static func read(_ bytes: [UInt8]) throws(JSONSyntaxError) -> JSON {
    // Typed throws do not pass through withUnsafeBufferPointer, so the outcome is carried out as a value.
    let outcome = bytes.withUnsafeBufferPointer { buffer -> Result<JSON, JSONSyntaxError> in
      var reader = JSONReader(bytes: buffer)
      do throws(JSONSyntaxError) {
        return .success(try reader.document())
      } catch {
        return .failure(error)
      }
    }
    return try outcome.get()
  }

  package static func read(_ text: String) throws(JSONSyntaxError) -> JSON { try read(Array(text.utf8)) }

  private init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  private mutating func document() throws(JSONSyntaxError) -> JSON {
    skipSpace()
    let result = try value(depth: 0)
    skipSpace()
    guard position == bytes.count else { throw unexpected("the end of the line") }
    return result
  }

  private mutating func value(depth: Int) throws(JSONSyntaxError) -> JSON {
    guard let byte = peek else { throw JSONSyntaxError("the text ends where a value is expected", at: position) }
    switch byte {
    case UInt8(ascii: "{"): return .object(try object(depth: depth + 1))
    case UInt8(ascii: "["): return .array(try array(depth: depth + 1))
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    default: throw unexpected("a value")
    }
  }

  private mutating func object(depth: Int) throws(JSONSyntaxError) -> JSON.Object {
    try enter(depth)
    var object = JSON.Object()
    var names: Set<String> = []
    skipSpace()
    if take(UInt8(ascii: "}")) { return object }
    while true {
      skipSpace()
      guard peek == UInt8(ascii: "\"") else { throw unexpected("a member's name in quotes") }
      let start = position
      let name = try string()
      guard names.insert(name).inserted else {
        throw JSONSyntaxError("the name \(JSON.string(name).summary) appears twice in one object", at: start)
      }
      guard names.count <= Self.maximumMembers else {
        throw JSONSyntaxError("an object of more than \(Self.maximumMembers) members", at: start)
      }
      skipSpace()
      guard take(UInt8(ascii: ":")) else { throw unexpected("':'") }
      skipSpace()
      object.append(name, try value(depth: depth))
      skipSpace()
      if take(UInt8(ascii: ",")) { continue }
      if take(UInt8(ascii: "}")) { return object }
      throw unexpected("',' or '}'")
    }
  }

  private mutating func array(depth: Int) throws(JSONSyntaxError) -> [JSON] {
    try enter(depth)
    var elements: [JSON] = []
    skipSpace()
    if take(UInt8(ascii: "]")) { return elements }
    while true {
      skipSpace()
      elements.append(try value(depth: depth))
      skipSpace()
      if take(UInt8(ascii: ",")) { continue }
      if take(UInt8(ascii: "]")) { return elements }
      throw unexpected("',' or ']'")
    }
  }

  /// Takes the opening bracket.
  private mutating func enter(_ depth: Int) throws(JSONSyntaxError) {
    guard depth <= Self.maximumDepth else {
      throw JSONSyntaxError("nested deeper than \(Self.maximumDepth)", at: position)
    }
    position += 1
  }

  private mutating func word(_ word: StaticString, _ value: JSON) throws(JSONSyntaxError) -> JSON {
    let start = position
    for index in 0..<word.utf8CodeUnitCount {
      guard take(word.utf8Start[index]) else {
        throw JSONSyntaxError("a word that is not true, false or null", at: start)
      }
    }
    return value
  }

  private mutating func number() throws(JSONSyntaxError) -> JSON {
    let start = position
    _ = take(UInt8(ascii: "-"))
    if take(UInt8(ascii: "0")) {
      if let byte = peek, isDigit(byte) { throw JSONSyntaxError("a number with a leading zero", at: start) }
    } else {
      try digits()
    }
    var isInteger = true
    if take(UInt8(ascii: ".")) {
      isInteger = false
      try digits()
    }
    if peek == UInt8(ascii: "e") || peek == UInt8(ascii: "E") {
      isInteger = false
      position += 1
      if peek == UInt8(ascii: "+") || peek == UInt8(ascii: "-") { position += 1 }
      try digits()
    }
    guard position - start <= Self.maximumNumberLength else {
      throw JSONSyntaxError("a number of \(position - start) characters", at: start)
    }
    let spelling = String(decoding: bytes[start..<position], as: UTF8.self)
    if isInteger, let exact = Int(spelling) { return .integer(exact) }
    guard let double = Double(spelling), double.isFinite else {
      throw JSONSyntaxError("a number beyond the range of a double", at: start)
    }
    return .number(double)
  }

  private mutating func digits() throws(JSONSyntaxError) {
    let start = position
    while let byte = peek, isDigit(byte) { position += 1 }
    guard position > start else { throw unexpected("a digit") }
  }

  private mutating func string() throws(JSONSyntaxError) -> String {
    let opening = position
    position += 1
    let start = position
    // What comes before the first escape is taken as it is; from there on the text is put together here.
    var unescaped: [UInt8]?
    while true {
      guard let byte = peek else { throw JSONSyntaxError("a string that does not end", at: opening) }
      switch byte {
      case UInt8(ascii: "\""):
        // Escapes are ASCII and make whole scalars, so that the raw bytes are UTF-8 just where the text is.
        guard let raw = String(validating: bytes[start..<position], as: UTF8.self) else {
          throw JSONSyntaxError("bytes that are not UTF-8", at: Self.firstInvalid(bytes[start..<position]))
        }
        position += 1
        return unescaped.map { String(decoding: $0, as: UTF8.self) } ?? raw
      case UInt8(ascii: "\\"):
        if unescaped == nil { unescaped = Array(bytes[start..<position]) }
        position += 1
        unescaped?.append(contentsOf: String(try escape()).utf8)
      case 0..<0x20:
        throw JSONSyntaxError("a control character (\(byte)) inside a string", at: position)
      default:
        unescaped?.append(byte)
        position += 1
      }
    }
  }

  private static func firstInvalid(_ slice: Slice<UnsafeBufferPointer<UInt8>>) -> Int {
    // The longest valid prefix, found by halves; only ever on the way to an error.
    var valid = slice.startIndex
    var end = slice.endIndex
    while valid < end {
      let middle = valid + (end - valid + 1) / 2
      let piece = slice[slice.startIndex..<middle]
      if String(validating: piece, as: UTF8.self) != nil { valid = middle } else { end = middle - 1 }
    }
    return valid
  }

  /// What follows a backslash.
  private mutating func escape() throws(JSONSyntaxError) -> Unicode.Scalar {
    let start = position - 1
    guard let byte = peek else { throw JSONSyntaxError("a string that does not end", at: start) }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{08}"
    case UInt8(ascii: "f"): return "\u{0C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      let first = try fourHexDigits()
      if let scalar = Unicode.Scalar(first) { return scalar }
      // A surrogate: only a high one with its low one behind it means anything.
      guard first < 0xDC00, take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else {
        throw JSONSyntaxError("half of a surrogate pair", at: start)
      }
      let second = try fourHexDigits()
      guard (0xDC00...0xDFFF).contains(second),
        let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
      else { throw JSONSyntaxError("half of a surrogate pair", at: start) }
      return scalar
    default: throw JSONSyntaxError("an escape that JSON does not know", at: start)
    }
  }

  private mutating func fourHexDigits() throws(JSONSyntaxError) -> UInt32 {
    var number: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = peek, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw unexpected("a hexadecimal digit")
      }
      number = number << 4 | UInt32(digit)
      position += 1
    }
    return number
  }

  private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

  private func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard peek == byte else { return false }
    position += 1
    return true
  }

  private mutating func skipSpace() {
    while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
  }

  private func unexpected(_ expected: String) -> JSONSyntaxError {
    guard let byte = peek else { return JSONSyntaxError("the text ends where \(expected) is expected", at: position) }
    let got = (0x21...0x7E).contains(byte) ? "'\(Character(Unicode.Scalar(byte)))'" : "the byte \(byte)"
    return JSONSyntaxError("\(got) where \(expected) is expected", at: position)
  }
}
