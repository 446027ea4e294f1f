import Foundation

/// What Foundation's decoders do not tell of a JSON text: its objects' members in order, keys byte for byte, and
/// whether a key comes twice.
///
/// Decoders keep one of two equal keys and call keys equal that differ only in how an accent is encoded. The text is
/// expected to be one that a decoder has accepted; of any other bytes the answers mean nothing, but they do not crash.
struct JSONMembers {
  private let bytes: UnsafeRawBufferPointer

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// A key and where its value stands.
  struct Member {
    let key: [UInt8]
    let value: Range<Int>
  }

  /// The first key that comes twice in an object at most two levels below the top, or nil. Deeper down lie the pieces
  /// of a vocabulary, whose reader looks itself.
  func duplicateKey() -> String? {
    var waiting: [(range: Range<Int>, depth: Int)] = [(bytes.indices, 0)]
    while let (range, depth) = waiting.popLast() {
      var keys: Set<[UInt8]> = []
      for child in children(of: range) {
        if let key = child.key, !keys.insert(key).inserted { return String(decoding: key, as: UTF8.self) }
        if depth < 2 { waiting.append((child.value, depth + 1)) }
      }
    }
    return nil
  }

  /// The members of the object that `path` leads to from the top; nil where there is none.
  func members(at path: [String]) -> [Member]? {
    var range = bytes.indices
    for name in path {
      guard let next = children(of: range).last(where: { $0.key == Array(name.utf8) }) else { return nil }
      range = next.value
    }
    guard let first = skipBlanks(range.lowerBound, range.upperBound), bytes[first] == UInt8(ascii: "{") else {
      return nil
    }
    return children(of: range).compactMap { child in child.key.map { Member(key: $0, value: child.value) } }
  }

  /// A value that is a whole number.
  func integer(_ range: Range<Int>) -> Int? { Int(String(decoding: bytes[range], as: UTF8.self)) }

  /// The values inside an object or array, with their keys in an object.
  private func children(of range: Range<Int>) -> [(key: [UInt8]?, value: Range<Int>)] {
    let end = range.upperBound
    guard var place = skipBlanks(range.lowerBound, end) else { return [] }
    let isObject = bytes[place] == UInt8(ascii: "{")
    guard isObject || bytes[place] == UInt8(ascii: "[") else { return [] }
    var result: [(key: [UInt8]?, value: Range<Int>)] = []
    place += 1
    while let start = skipBlanks(place, end), bytes[start] != UInt8(ascii: "}"), bytes[start] != UInt8(ascii: "]") {
      var (start, key) = (start, [UInt8]?.none)
      if isObject {
        let after = endOfValue(start, end)
        guard let spelled = Self.string(UnsafeRawBufferPointer(rebasing: bytes[start..<after])),
          let colon = skipBlanks(after, end), bytes[colon] == UInt8(ascii: ":"), let value = skipBlanks(colon + 1, end)
        else { return result }
        (start, key) = (value, spelled)
      }
      let after = endOfValue(start, end)
      result.append((key, start..<after))
      guard let comma = skipBlanks(after, end), bytes[comma] == UInt8(ascii: ",") else { return result }
      place = comma + 1
    }
    return result
  }

  private func skipBlanks(_ start: Int, _ end: Int) -> Int? {
    var place = start
    while place < end, [0x20, 0x09, 0x0a, 0x0d].contains(bytes[place]) { place += 1 }
    return place < end ? place : nil
  }

  /// Where the value that starts at `start` ends.
  private func endOfValue(_ start: Int, _ end: Int) -> Int {
    var (place, depth) = (start, 0)
    while place < end {
      switch bytes[place] {
      case UInt8(ascii: "\""):
        place += 1
        while place < end, bytes[place] != UInt8(ascii: "\"") { place += bytes[place] == UInt8(ascii: "\\") ? 2 : 1 }
        place = min(place + 1, end)
        if depth == 0 { return place }
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        depth += 1
        place += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        if depth == 0 { return place }
        depth -= 1
        place += 1
        if depth == 0 { return place }
      case UInt8(ascii: ","), 0x20, 0x09, 0x0a, 0x0d:
        if depth == 0 { return place }
        place += 1
      default: place += 1
      }
    }
    return end
  }

  /// The bytes that a quoted string stands for.
  private static func string(_ quoted: UnsafeRawBufferPointer) -> [UInt8]? {
    guard quoted.count >= 2, quoted.first == UInt8(ascii: "\""), quoted.last == UInt8(ascii: "\"") else { return nil }
    let inside = quoted.dropFirst().dropLast()
    guard inside.contains(UInt8(ascii: "\\")) else { return Array(inside) }
    // A key whose escapes mean nothing is one that no decoder accepts.
    return try? Array(JSONDecoder().decode(String.self, from: Data(quoted)).utf8)
  }
}
