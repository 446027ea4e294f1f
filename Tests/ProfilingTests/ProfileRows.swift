import Evaluation
import Profiling
import RateReduction

/// Rows with figures of our own, to see what is made of them.
enum ProfileRows {
  static let structure = ClusterStructure(effectiveRank: 150.4, dimensions: 384, agreement: 0.6, chance: 0.1)

  static func measure(
    _ kept: (Double, Double, Double), over: (Double, Double, Double)? = nil, queries: QueryKind = .heldOut
  ) -> QualityMeasure {
    QualityMeasure(
      corpus: "letters", queries: queries, queryCount: 900, ndcgAt10: kept.0 / 2, recallAt10: 0.5, recallOfFull: 0.75,
      kept: Interval(kept.0, kept.1, kept.2), overWhitened: over.map { Interval($0.0, $0.1, $0.2) })
  }

  static func row(
    _ method: ProjectionMethod, _ dimensions: Int, _ bits: Int, _ kept: (Double, Double, Double),
    over: (Double, Double, Double)? = nil, rescorer: Rescorer.Kind? = nil, and judged: QualityMeasure? = nil
  ) -> ProfileRow {
    let point = ProfilePoint(method: method, dimensions: dimensions, bits: bits, rescorer: rescorer)
    return ProfileRow(
      point: point, measures: [measure(kept, over: over)] + (judged.map { [$0] } ?? []),
      cost: ProfileCost(of: point, databaseBytes: 1_500, trainingSeconds: method == .mcr2 ? 12 : nil))
  }

  static func report(_ rows: [ProfileRow], name: String = "letters") -> ProfileReport {
    ProfileReport(
      model: "all-MiniLM-L6-v2", seed: 1,
      sources: [
        ProfileReport.Source(
          name: name, passages: 1_200, of: 5_000, files: 80, heldOutPassages: 240, heldOutQuestions: 700,
          judgedQueries: 0)
      ], thresholds: ProfileThresholds(kept: 0.97, bytes: 200), structure: structure, rows: rows)
  }

  /// All kinds of points: whole vectors, one stage and two, several of one size.
  static let varied: [ProfileRow] = [
    row(.full, 384, 32, (1, 1, 1)), row(.full, 384, 8, (0.999, 0.997, 1.001)),
    row(.truncate, 64, 8, (0.72, 0.70, 0.74), over: (-0.18, -0.2, -0.16)),
    row(.pcaWhitened, 128, 4, (0.99, 0.985, 0.995)), row(.pcaWhitened, 64, 8, (0.93, 0.92, 0.94)),
    row(.pcaWhitened, 128, 2, (0.95, 0.94, 0.96)), row(.mcr2, 128, 4, (1.0, 0.99, 1.01), over: (0.01, 0.004, 0.016)),
    row(.mcr2, 128, 2, (0.985, 0.976, 0.994), over: (0.035, 0.02, 0.05)),
    row(.mcr2, 128, 1, (0.91, 0.9, 0.92), over: (0.02, 0.01, 0.03)),
    row(.mcr2, 128, 1, (1.0, 0.99, 1.01), over: (0.0, -0.01, 0.01), rescorer: .wide),
  ]
}
