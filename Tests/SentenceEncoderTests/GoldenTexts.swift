import Foundation
import Testing

/// The golden texts with the reference's token ids and embeddings: see Golden/README.md.
struct GoldenTexts {
  struct Line: Decodable {
    let i: Int
    let text: String
    let ids: [Int32]
  }

  let lines: [Line]
  /// 200 × 384.
  let embeddings: [Float]

  init() throws {
    let folder = try #require(Bundle.module.url(forResource: "Golden", withExtension: nil))
    let text = try Data(contentsOf: folder.appendingPathComponent("minilm-texts.jsonl"))
    lines = try text.split(separator: UInt8(ascii: "\n")).map { try JSONDecoder().decode(Line.self, from: $0) }
    let numbers = try Data(contentsOf: folder.appendingPathComponent("minilm-embeddings.f32"))
    embeddings = numbers.withUnsafeBytes { bytes in
      (0..<(bytes.count / 4)).map {
        Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)))
      }
    }
    try #require(lines.count == 200 && embeddings.count == 200 * 384 && lines.map(\.i) == Array(0..<200))
  }
}
