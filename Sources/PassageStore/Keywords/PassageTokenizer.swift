import GRDB

/// `KeywordTokenizer` as SQLite's FTS5 knows it.
///
/// The name carries a version: a change of what is cut needs another name, a migration that makes the index anew, and
/// this one kept until then, as FTS5 cuts a text again to delete it.
final class PassageTokenizer: FTS5CustomTokenizer {
  static let name = "fumikura_1"

  init(db: Database, arguments: [String]) throws {}

  func tokenize(
    context: UnsafeMutableRawPointer?, tokenization: FTS5Tokenization, pText: UnsafePointer<CChar>?, nText: CInt,
    tokenCallback: @escaping FTS5TokenCallback
  ) -> CInt {
    guard let pText, nText > 0 else { return 0 }
    var code: CInt = 0
    let count = Int(nText)
    pText.withMemoryRebound(to: UInt8.self, capacity: count) { text in
      _ = KeywordTokenizer.cut(
        UnsafeBufferPointer(start: text, count: count), for: tokenization.contains(.query) ? .query : .document
      ) { token, kind, range in
        let flags: FTS5TokenFlags = kind == .last ? .colocated : []
        code = token.withMemoryRebound(to: CChar.self) {
          tokenCallback(
            context, flags.rawValue, $0.baseAddress, CInt($0.count), CInt(range.lowerBound), CInt(range.upperBound))
        }
        return code == 0
      }
    }
    return code
  }
}
