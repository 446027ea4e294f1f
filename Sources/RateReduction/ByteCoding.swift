import LinearAlgebra
import LinuxSystem

/// Writes numbers little-endian, one after another, and a SHA-256 of it all at the end.
struct ByteWriter {
  private var bytes: [UInt8] = []

  init(magic: String, version: UInt32) {
    bytes = Array(magic.utf8)
    append(version)
  }

  mutating func append(_ number: some FixedWidthInteger) {
    withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func append(_ numbers: [Float]) {
    for number in numbers { append(number.bitPattern) }
  }

  /// Bytes with their number before them.
  mutating func append(_ part: [UInt8]) {
    append(UInt32(part.count))
    bytes += part
  }

  consuming func finish() -> [UInt8] { bytes + SHA256Digest(of: bytes).bytes }
}

/// Reads what ``ByteWriter`` wrote, trusting nothing: every read is bounded by what is there.
struct ByteReader {
  private let what: String
  private var rest: ArraySlice<UInt8>

  /// Checks the magic, the version and the digest.
  init(_ bytes: [UInt8], what: String, magic: String, version: UInt32) throws {
    self.what = what
    let head = Array(magic.utf8)
    guard bytes.starts(with: head) else {
      throw RateReductionError.malformed(what: what, got: "other bytes at its start", expected: "\"\(magic)\"")
    }
    guard bytes.count >= head.count + 4 + 32 else {
      throw RateReductionError.malformed(
        what: what, got: "\(bytes.count) bytes", expected: "\(head.count + 36) at least")
    }
    rest = bytes[head.count..<bytes.count - 32]
    let found = try number(UInt32.self)
    guard found == version else {
      throw RateReductionError.malformed(what: what, got: "version \(found)", expected: "version \(version)")
    }
    let digest = SHA256Digest(of: bytes.dropLast(32))
    guard digest.bytes.elementsEqual(bytes.suffix(32)) else {
      throw RateReductionError.malformed(
        what: what, got: "bytes of SHA-256 \(digest)", expected: "the SHA-256 written at its end")
    }
  }

  mutating func number<Number: FixedWidthInteger>(_ type: Number.Type) throws -> Number {
    let width = Number.bitWidth / 8
    guard rest.count >= width else {
      throw RateReductionError.malformed(what: what, got: "an early end", expected: "\(width) bytes more")
    }
    defer { rest = rest.dropFirst(width) }
    return rest.prefix(width).reversed().reduce(0) { $0 << 8 | Number(truncatingIfNeeded: $1) }
  }

  /// A count of something, 0...limit.
  mutating func count(limit: Int) throws -> Int {
    let value = try number(UInt32.self)
    guard value <= limit else {
      throw RateReductionError.malformed(what: what, got: "a count of \(value)", expected: "at most \(limit)")
    }
    return Int(value)
  }

  /// Bytes with their number before them.
  mutating func bytes() throws -> [UInt8] {
    let length = try count(limit: max(0, rest.count - 4))
    defer { rest = rest.dropFirst(length) }
    return Array(rest.prefix(length))
  }

  /// Finite numbers.
  mutating func floats(_ count: Int) throws -> [Float] {
    guard rest.count / 4 >= count else {
      throw RateReductionError.malformed(what: what, got: "\(rest.count) bytes", expected: "\(4 * count) at least")
    }
    var result: [Float] = []
    result.reserveCapacity(count)
    for _ in 0..<count {
      let value = Float(bitPattern: try number(UInt32.self))
      guard value.isFinite else {
        throw RateReductionError.malformed(what: what, got: "\(value)", expected: "finite numbers")
      }
      result.append(value)
    }
    return result
  }

  mutating func matrix(rows: Int, columns: Int) throws -> Matrix {
    Matrix(rows: rows, columns: columns, values: try floats(rows * columns))
  }

  /// Throws where bytes are left.
  consuming func finish() throws {
    guard rest.isEmpty else {
      throw RateReductionError.malformed(what: what, got: "\(rest.count) bytes too many", expected: "its end")
    }
  }
}
