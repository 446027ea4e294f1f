package import LinearAlgebra
import LinuxSystem
package import SentenceEncoder

/// Encodes long lists of texts on several threads, each different text once, and keeps what it encoded.
package struct CorpusEncoder: Sendable {
  private let encoder: any SentenceEncoder
  private let identity: String
  private let threads: Int
  private let cache: EncodingCache?

  /// Texts that share a file of the cache: few files, and an interrupted run loses little.
  private static let chunk = 1024

  /// `identity` says which vectors these are (the model's hash and the path that computes): it is part of the cache's
  /// keys. `encoder` must be safe to use from several threads at once.
  package init(encoder: any SentenceEncoder, identity: String, threads: Int, cache: EncodingCache?) {
    precondition(threads > 0, "\(threads) threads encode nothing")
    self.encoder = encoder
    self.identity = identity
    self.threads = threads
    self.cache = cache
  }

  /// Components of a row.
  package var dimensions: Int { encoder.dimensions }

  /// A unit row for each text, in the order given. `progress` is told how many more texts are done of how many that
  /// must be encoded, from any thread; it is not called where everything was known.
  package func encode(
    _ texts: [String], as role: TextRole,
    progress: @escaping @Sendable (_ more: Int, _ total: Int) -> Void = { _, _ in }
  ) throws -> Matrix {
    let (distinct, places) = Self.distinct(texts)
    let chunks = stride(from: 0, to: distinct.count, by: Self.chunk).map {
      Array(distinct[$0..<min($0 + Self.chunk, distinct.count)])
    }
    var known = chunks.map { cache?.rows(for: key($0, role), rows: $0.count, columns: dimensions) }
    let missing = zip(chunks, known).reduce(0) { $0 + ($1.1 == nil ? $1.0.count : 0) }
    for index in chunks.indices where known[index] == nil {
      let rows = try ParallelEncoding.encode(chunks[index], as: role, encoder, threads: threads) {
        progress($0, missing)
      }
      try cache?.keep(rows, for: key(chunks[index], role))
      known[index] = rows
    }
    let rows = known.flatMap { $0?.values ?? [] }
    if distinct.count == texts.count { return Matrix(rows: texts.count, columns: dimensions, values: rows) }
    let spread = places.flatMap { rows[$0 * dimensions..<($0 + 1) * dimensions] }
    return Matrix(rows: texts.count, columns: dimensions, values: spread)
  }

  /// The different texts in the order they first come, and for each text its place among them. Compared by bytes:
  /// strings that are canonically equal may have different vectors.
  private static func distinct(_ texts: [String]) -> (texts: [String], places: [Int]) {
    var seen: [[UInt8]: Int] = [:]
    var distinct: [String] = []
    let places = texts.map { text in
      let bytes = Array(text.utf8)
      if let place = seen[bytes] { return place }
      seen[bytes] = distinct.count
      distinct.append(text)
      return distinct.count - 1
    }
    return (distinct, places)
  }

  private func key(_ texts: [String], _ role: TextRole) -> SHA256Digest {
    var bytes = Array("fumikura encodings 2\n\(identity)\n\(role)\n\(dimensions)\n".utf8)
    for text in texts {
      bytes += Array("\(text.utf8.count)\n".utf8)
      bytes += Array(text.utf8)
    }
    return SHA256Digest(of: bytes)
  }
}
