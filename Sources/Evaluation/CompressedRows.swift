package import LinearAlgebra
package import RateReduction

/// The rows of a corpus as a method and a code make them small, ready to be ranked for queries: the same projector,
/// quantiser and scan that search uses.
package struct CompressedRows: Sendable {
  private enum Form: Sendable {
    case floats
    case codes(CodeBlock, CodeQuantizer)
    case source(CodeBlock)
  }

  private let projector: Projector
  /// n × d unit rows: what is ranked where nothing is quantised, and what candidates are rescored by.
  private let projected: Matrix
  private let form: Form
  private let candidates: Int?

  /// What `bits` may be; 32 is float.
  package static let bitWidths = [32, 8, 4, 2, 1]

  /// - Parameters:
  ///   - rows: source vectors, n × D.
  ///   - bits: one of `bitWidths`. With 8 bits and a projector that keeps everything as it is, rows become source
  ///     vectors as they are stored: int8 with a scale, not rotated.
  ///   - candidates: where given, so many rows are found by their codes and ranked again by the projector's float
  ///     output.
  package init(_ rows: Matrix, projector: Projector, bits: Int, isSource: Bool = false, candidates: Int? = nil) throws {
    precondition(Self.bitWidths.contains(bits), "\(bits) bits: \(Self.bitWidths) are known")
    self.projector = projector
    projected = projector.project(rows)
    self.candidates = candidates
    if bits == 32 {
      form = .floats
    } else if isSource && bits == 8 {
      let block = CodeBlock(format: .source(dimensions: projected.columns), capacity: rows.rows)
      for row in 0..<rows.rows { block.append(SourceVector(projected.row(row)).code) }
      form = .source(block)
    } else {
      let format = CodeFormat(dimensions: projected.columns, bits: bits)
      let quantizer = try CodeQuantizer.fit(projected, format: format, seed: projector.rotationSeed)
      let block = CodeBlock(format: format, capacity: rows.rows)
      block.append(quantizer.encode(projected))
      form = .codes(block, quantizer)
    }
  }

  package var dimensions: Int { projected.columns }

  /// What one row takes in the first stage.
  package var bytesPerRow: Int {
    switch form {
    case .floats: projected.columns * 4
    case .codes(let block, _), .source(let block): block.format.bytesPerCode
    }
  }

  /// For each query (source vectors, q × D) the `count` best rows, best first, ties by the lower row.
  package func rankings(for queries: Matrix, count: Int) -> [[Int]] {
    let queries = projector.project(queries)
    switch form {
    case .floats: return floatRankings(queries, count)
    case .codes(let block, let quantizer):
      return (0..<queries.rows).map { ranking(queries.row($0), quantizer.query(queries.row($0)), block, count) }
    case .source(let block):
      return (0..<queries.rows).map { ranking(queries.row($0), CodeQuery(source: queries.row($0)), block, count) }
    }
  }

  private func floatRankings(_ queries: Matrix, _ count: Int) -> [[Int]] {
    // Slices bound the memory: 32 rows of scores at a time.
    stride(from: 0, to: queries.rows, by: 32).flatMap { start in
      let scores = queries.rows(start..<min(start + 32, queries.rows)).timesTransposed(projected)
      return (0..<scores.rows).map { row in
        Ranking.best(count, of: scores.values[row * scores.columns..<(row + 1) * scores.columns])
      }
    }
  }

  private func ranking(_ projectedQuery: [Float], _ query: CodeQuery, _ block: CodeBlock, _ count: Int) -> [Int] {
    let found = topRows(query, in: block, count: max(count, candidates ?? 0)).map { Int($0.row) }
    guard let candidates else { return found }
    let first = Array(found.prefix(candidates))
    let exact = projected.rows(at: first)
      .timesTransposed(Matrix(rows: 1, columns: projectedQuery.count, values: projectedQuery)).values
    let rescored = first.indices.sorted { (exact[$1], first[$0]) < (exact[$0], first[$1]) }.map { first[$0] }
    return Array((rescored + found.dropFirst(candidates)).prefix(count))
  }

  /// The score of each of the first m rows with the row of the same number in `others` (source vectors, m × D): what
  /// `rankings` would score it without candidates.
  package func scores(with others: Matrix) -> [Double] {
    let others = projector.project(others)
    precondition(others.rows <= projected.rows, "\(others.rows) rows beside \(projected.rows)")
    let kept: Matrix
    switch form {
    case .floats: kept = projected
    case .codes(let block, let quantizer):
      kept = quantizer.decode((0..<block.count).flatMap { block.code(at: $0) })
    case .source:
      kept = SourceVector.matrix(
        of: (0..<projected.rows).map { SourceVector(projected.row($0)) }, dimensions: projected.columns)
    }
    return (0..<others.rows).map { row in
      zip(kept.row(row), others.row(row)).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
  }
}
