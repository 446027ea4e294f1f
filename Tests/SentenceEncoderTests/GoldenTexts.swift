import Foundation
import Testing

/// The golden texts with the reference's token ids and embeddings: see Golden/README.md.
struct GoldenTexts {
  struct Line: Decodable {
    let i: Int
    /// What the model reads in front of the text; nil where the file has none.
    let prefix: String?
    let text: String
    let ids: [Int32]
  }

  let lines: [Line]
  /// lines × 384.
  let embeddings: [Float]

  /// Those of all-MiniLM-L6-v2.
  init() throws { try self.init("minilm", count: 200) }

  /// Those of multilingual-e5-small.
  static func multilingualE5Small() throws -> GoldenTexts { try GoldenTexts("e5", count: 100) }

  private init(_ name: String, count: Int) throws {
    let folder = try #require(Bundle.module.url(forResource: "Golden", withExtension: nil))
    let text = try Data(contentsOf: folder.appendingPathComponent("\(name)-texts.jsonl"))
    lines = try text.split(separator: UInt8(ascii: "\n")).map { try JSONDecoder().decode(Line.self, from: $0) }
    let numbers = try Data(contentsOf: folder.appendingPathComponent("\(name)-embeddings.f32"))
    embeddings = numbers.withUnsafeBytes { bytes in
      (0..<(bytes.count / 4)).map {
        Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)))
      }
    }
    try #require(lines.count == count && embeddings.count == count * 384 && lines.map(\.i) == Array(0..<count))
  }
}
