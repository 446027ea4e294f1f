package import LinearAlgebra

/// Measures how well neighbours among labelled rows share a label.
package struct LabelEvaluation: Sendable, Equatable {
  /// Mean average precision of ranking all rows for each query, those of its label being relevant. Queries whose label
  /// no row has are left out.
  package let meanAveragePrecision: Double
  /// The share of queries whose ten nearest rows vote for their label.
  package let nearestNeighbourAccuracy: Double

  package static let neighbours = 10

  /// - Parameters:
  ///   - rows: what is ranked, with `labels`.
  ///   - queries: source vectors, q × D, with `queryLabels`.
  package init(_ rows: CompressedRows, labels: [String], queries: Matrix, queryLabels: [String]) {
    precondition(queries.rows == queryLabels.count && !queryLabels.isEmpty, "no queries, or not as many as labels")
    // Numbers compare faster than names: all rows are ranked for all queries.
    let numbers = Dictionary(uniqueKeysWithValues: Set(labels).enumerated().map { ($1, $0) })
    let rowLabels = labels.map { numbers[$0]! }
    var precisions: [Double] = []
    var correct = 0
    // Slices bound the memory: every query has a ranking as long as the corpus.
    for start in stride(from: 0, to: queries.rows, by: 128) {
      let range = start..<min(start + 128, queries.rows)
      for (query, ranking) in zip(range, rows.rankings(for: queries.rows(range), count: rowLabels.count)) {
        let label = numbers[queryLabels[query]] ?? -1
        if let precision = LabelMetrics.averagePrecision(relevant: ranking.lazy.map({ rowLabels[$0] == label })) {
          precisions.append(precision)
        }
        if LabelMetrics.vote(ranking.prefix(Self.neighbours).map { rowLabels[$0] }) == label { correct += 1 }
      }
    }
    meanAveragePrecision = precisions.isEmpty ? 0 : precisions.reduce(0, +) / Double(precisions.count)
    nearestNeighbourAccuracy = Double(correct) / Double(queries.rows)
  }
}
