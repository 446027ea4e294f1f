package import LinearAlgebra
package import RateReduction

/// The rows of a corpus as a method and a code make them small, ready to be ranked for queries: the same projector,
/// quantiser and scan that search uses.
package struct CompressedRows: Sendable {
  private enum Form: Sendable {
    /// n × d unit rows, ranked as they are: floats, or what codes of another kind stand for.
    case decoded(Matrix)
    case codes(CodeBlock, CodeQuantizer)
    case source(CodeBlock)
  }

  private let projector: Projector
  private let form: Form
  private let rescorer: Rescorer?
  private let candidates: Int
  package let dimensions: Int
  /// What one row takes in the first stage.
  package let bytesPerRow: Int

  /// What `bits` may be; 32 is float.
  package static let bitWidths = [32, 8, 4, 2, 1]

  /// - Parameters:
  ///   - rows: source vectors, n × D.
  ///   - rescorer: where given, `candidates` rows are found by their codes and ranked again by it.
  ///   - candidates: as many as the bytes need (``StagedProjector/candidates(forBytes:)``) where none are given.
  package init(
    _ rows: Matrix, projector: Projector, code: RowCode, rescorer: Rescorer? = nil, candidates: Int? = nil
  ) throws {
    self.projector = projector
    let projected = projector.project(rows)
    switch code {
    case .float:
      form = .decoded(projected)
      bytesPerRow = projected.columns * 4
    case .source:
      let block = CodeBlock(format: .source(dimensions: projected.columns), capacity: rows.rows)
      for row in 0..<rows.rows { block.append(SourceVector(projected.row(row)).code) }
      form = .source(block)
      bytesPerRow = block.format.bytesPerCode
    case .grid(let bits):
      let format = CodeFormat(dimensions: projected.columns, bits: bits)
      let quantizer = try CodeQuantizer.fit(projected, format: format, seed: projector.rotationSeed)
      let block = CodeBlock(format: format, capacity: rows.rows)
      block.append(quantizer.encode(projected))
      form = .codes(block, quantizer)
      bytesPerRow = format.bytesPerCode
    case .product(let bytes, let seed):
      let quantizer = try ProductQuantizer(of: projected, bytes: bytes, seed: seed)
      form = .decoded(quantizer.decode(quantizer.encode(projected)))
      bytesPerRow = bytes
    }
    dimensions = projected.columns
    self.rescorer = rescorer
    self.candidates = candidates ?? StagedProjector.candidates(forBytes: bytesPerRow)
  }

  /// The same by the number of bits: one of `bitWidths`. With 8 bits and a projector that keeps everything as it is,
  /// rows become source vectors as they are stored: int8 with a scale, not rotated.
  package init(
    _ rows: Matrix, projector: Projector, bits: Int, isSource: Bool = false, rescorer: Rescorer? = nil,
    candidates: Int? = nil
  ) throws {
    precondition(Self.bitWidths.contains(bits), "\(bits) bits: \(Self.bitWidths) are known")
    try self.init(
      rows, projector: projector, code: bits == 32 ? .float : isSource && bits == 8 ? .source : .grid(bits: bits),
      rescorer: rescorer, candidates: candidates)
  }

  /// What one row takes beside it for the second stage; nil in one stage.
  package var rescorerBytesPerRow: Int? { rescorer?.bytesPerRow }

  /// For each query (source vectors, q × D) the `count` best rows, best first, ties by the lower row.
  package func rankings(for queries: Matrix, count: Int) -> [[Int]] {
    let projected = projector.project(queries)
    let depth = rescorer == nil ? count : max(count, candidates)
    let found: [[Int]]
    switch form {
    case .decoded(let rows): found = rankings(projected, rows, depth)
    case .codes(let block, let quantizer):
      found = (0..<queries.rows).map { top(quantizer.query(projected.row($0)), block, depth) }
    case .source(let block):
      found = (0..<queries.rows).map { top(CodeQuery(source: projected.row($0)), block, depth) }
    }
    guard let rescorer else { return found }
    let wide = rescorer.project(queries)
    return found.enumerated().map { query, found in
      let rescored = rescorer.order(Array(found.prefix(candidates)), for: wide.row(query))
      return Array((rescored + found.dropFirst(candidates)).prefix(count))
    }
  }

  /// The same where words count too: the `count` best by meaning and all rows that a query's `scores` name, by what
  /// `fuse` makes of their cosines and those.
  ///
  /// - Parameter scores: for each query, what its words give some rows.
  package func rankings(
    for queries: Matrix, count: Int, with scores: [[Int: Double]], fuse: (_ cosine: Double, _ score: Double?) -> Double
  ) -> [[Int]] {
    let found = rankings(for: queries, count: count)
    let projected = rescorer?.project(queries) ?? projector.project(queries)
    return found.enumerated().map { query, found in
      let rows = Set(found).union(scores[query].keys).sorted()
      let cosines =
        rescorer?.scores(rows, for: projected.row(query))
        ?? decoded(rows)
        .timesTransposed(projected.rows(query..<query + 1)).values
      let fused = zip(rows, cosines).map { row, cosine in
        (row: row, score: fuse(Double(cosine), scores[query][row]))
      }
      return fused.sorted { ($1.score, $0.row) < ($0.score, $1.row) }.prefix(count).map(\.row)
    }
  }

  /// The unit rows that some rows' codes stand for.
  private func decoded(_ rows: [Int]) -> Matrix {
    switch form {
    case .decoded(let all): all.rows(at: rows)
    case .codes(let block, let quantizer): quantizer.decode(rows.flatMap { block.code(at: $0) })
    case .source(let block):
      Matrix(rows: rows.map { row in block.code(at: row).map { Float(Int($0) - 128) } }, columns: dimensions)
        .normalisedRows()
    }
  }

  private func rankings(_ queries: Matrix, _ rows: Matrix, _ count: Int) -> [[Int]] {
    // Slices bound the memory: 32 rows of scores at a time.
    stride(from: 0, to: queries.rows, by: 32).flatMap { start in
      let scores = queries.rows(start..<min(start + 32, queries.rows)).timesTransposed(rows)
      return (0..<scores.rows).map { row in
        Ranking.best(count, of: scores.values[row * scores.columns..<(row + 1) * scores.columns])
      }
    }
  }

  private func top(_ query: CodeQuery, _ block: CodeBlock, _ count: Int) -> [Int] {
    topRows(query, in: block, count: count).map { Int($0.row) }
  }

  /// The score of each of the first m rows with the row of the same number in `others` (source vectors, m × D): what
  /// `rankings` would score it without candidates.
  package func scores(with others: Matrix) -> [Double] {
    let others = projector.project(others)
    let kept = decoded(Array(0..<others.rows))
    return (0..<others.rows).map { row in
      zip(kept.row(row), others.row(row)).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
  }
}
