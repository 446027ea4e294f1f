import Foundation
import GRDB
import GRDBSQLite

/// BM25 (Robertson and Zaragoza 2009, doi 10.1561/1500000019) as an FTS5 function that is told how rare each term is.
///
/// FTS5's own `bm25` counts the texts of every term in every query, which for one common word takes as long as ranking
/// them all. This one is the same function (k1 = 1.2, b = 0.75, the same inverse document frequency) with the counts as
/// a parameter: `fumikura_bm25(passage_fts, weights)`, where `weights` is a BLOB of one Double for each term in the order
/// of the expression, and one for the mean length of a text. Higher is better.
enum PassageRanking {
  static let name = "fumikura_bm25"
  private static let saturation = 1.2
  private static let lengthInfluence = 0.75

  /// What a term that `found` of `texts` texts have weighs: FTS5's formula, which lets common terms weigh almost nothing.
  static func weight(found: Int, of texts: Int) -> Double {
    let weight = log((Double(texts - found) + 0.5) / (Double(found) + 0.5))
    return weight > 0 ? weight : 1e-6
  }

  /// Tokens of a passage as it is usually cut, for those who are not to learn what is usual in everybody's files.
  static let usualLength = 110.0

  /// - Parameter meanLength: in tokens; nil: as it is in the index.
  static func blob(_ weights: [Double], meanLength: Double?) -> Data {
    (weights + [meanLength ?? 0]).withUnsafeBytes { Data($0) }
  }

  /// Makes the function known to a connection.
  static func add(to db: Database) throws {
    let api = FTS5.api(db)
    let code = api.pointee.xCreateFunction(UnsafeMutablePointer(mutating: api), name, nil, rank, nil)
    guard code == SQLITE_OK else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
  }

  private static let rank: fts5_extension_function = { api, match, context, count, values in
    guard let api, let match, let context, let values else { return }
    let phrases = Int(api.pointee.xPhraseCount(match))
    guard count == 1, Int(sqlite3_value_bytes(values[0])) == (phrases + 1) * MemoryLayout<Double>.size,
      let weights = sqlite3_value_blob(values[0])
    else { return sqlite3_result_error_code(context, SQLITE_MISMATCH) }
    var code = SQLITE_OK
    var instances: CInt = 0
    var length: CInt = 0
    var total: sqlite3_int64 = 0
    var rows: sqlite3_int64 = 0
    for step in [
      api.pointee.xInstCount(match, &instances), api.pointee.xColumnSize(match, -1, &length),
      api.pointee.xColumnTotalSize(match, -1, &total), api.pointee.xRowCount(match, &rows),
    ] where step != SQLITE_OK { code = step }
    let score = withUnsafeTemporaryAllocation(of: Double.self, capacity: max(1, phrases)) { frequencies in
      frequencies.initialize(repeating: 0)
      for index in 0..<instances where code == SQLITE_OK {
        var phrase: CInt = 0
        var column: CInt = 0
        var offset: CInt = 0
        code = api.pointee.xInst(match, index, &phrase, &column, &offset)
        if code == SQLITE_OK { frequencies[Int(phrase)] += 1 }
      }
      let given = weights.loadUnaligned(fromByteOffset: phrases * MemoryLayout<Double>.size, as: Double.self)
      let mean = given > 0 ? given : Double(total) / Double(max(1, rows))
      let norm = saturation * (1 - lengthInfluence + lengthInfluence * Double(length) / max(mean, 1e-9))
      var score = 0.0
      for phrase in 0..<phrases where frequencies[phrase] > 0 {
        let weight = weights.loadUnaligned(fromByteOffset: phrase * MemoryLayout<Double>.size, as: Double.self)
        score += weight * frequencies[phrase] * (saturation + 1) / (frequencies[phrase] + norm)
      }
      return score
    }
    guard code == SQLITE_OK else { return sqlite3_result_error_code(context, code) }
    sqlite3_result_double(context, score)
  }
}
