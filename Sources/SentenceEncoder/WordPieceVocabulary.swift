import Foundation

/// The pieces of a WordPiece vocabulary by their ids, byte for byte: from `tokenizer.json`, which counts where both are,
/// or `vocab.txt`, a piece a line.
///
/// As keys of a dictionary in Swift, two pieces that differ only in how an accent is encoded would be one.
struct WordPieceVocabulary {
  /// Empty where no piece has the id.
  let pieces: [[UInt8]]

  /// `count` is how many rows the model's embedding has.
  init(_ source: ModelSource, path: String, count: Int) throws(EncoderModelError) {
    if let pieces = try Self.fromTokenizer(source, path + "tokenizer.json", count) {
      self.pieces = pieces
      return
    }
    guard let text = try source.text(path + "vocab.txt") else {
      throw .missingPart(
        source: source.name, part: path + "vocab.txt",
        hint: "a WordPiece vocabulary is a piece a line there, or stands in tokenizer.json")
    }
    var pieces = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { Array($0) }
    if pieces.last?.isEmpty == true { pieces.removeLast() }
    guard pieces.count == count else {
      throw .malformedPart(
        source: source.name, part: path + "vocab.txt", got: "\(pieces.count) pieces", expected: "\(count)")
    }
    self.pieces = pieces
  }

  private static func fromTokenizer(
    _ source: ModelSource, _ part: String, _ count: Int
  ) throws(EncoderModelError) -> [[UInt8]]? {
    guard let text = try source.text(part) else { return nil }
    var pieces = [[UInt8]](repeating: [], count: count)
    var wrong: (got: String, expected: String)?
    let found = text.withUnsafeBytes { bytes in
      let json = JSONMembers(bytes)
      guard let members = json.members(at: ["model", "vocab"]) else { return false }
      var known: Set<[UInt8]> = []
      for member in members where wrong == nil {
        let piece = String(decoding: member.key, as: UTF8.self)
        guard let id = json.integer(member.value), pieces.indices.contains(id), !member.key.isEmpty else {
          let value = String(decoding: bytes[member.value].prefix(20), as: UTF8.self)
          wrong = ("the piece \"\(piece)\" with the id \(value)", "ids below \(count)")
          continue
        }
        if !pieces[id].isEmpty || !known.insert(member.key).inserted {
          wrong = ("the piece \"\(piece)\" or its id \(id) twice", "each once")
        }
        pieces[id] = member.key
      }
      return true
    }
    if let wrong {
      throw .malformedPart(source: source.name, part: part, got: wrong.got, expected: wrong.expected)
    }
    return found ? pieces : nil
  }
}
