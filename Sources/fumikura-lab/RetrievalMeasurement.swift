import Evaluation
import LinearAlgebra
import PassageStore

/// How well each of some compressions of one corpus answers its queries.
struct RetrievalMeasurement {
  /// One compression over all seeds.
  struct Result {
    let compression: Compression
    let bytesPerPassage: Int
    let rescorerBytes: Int?
    /// The mean over the queries, for each seed.
    let bySeed: [RankingMetrics]
    let kept: BootstrapEstimate
    /// `kept` of each seed.
    let keptBySeed: [Double]
    /// How much more is kept than by the baseline.
    let gain: BootstrapEstimate?
  }

  let dataset: String
  let results: [Result]

  /// - Parameters:
  ///   - queries: source vectors, in the order of the corpus's judgements.
  ///   - bootstrapSeed: of the resamples of queries.
  init(
    _ corpus: RetrievalCorpus, passages: Matrix, queries: Matrix, compressions: [Compression], seeds: [UInt64],
    bootstrapSeed: UInt64, compressor: Compressor, students: CorpusStudents
  ) throws {
    let words = try Words(corpus, isNeeded: compressions.contains { $0.mode != .semantic })
    let judgements = corpus.judgements
    var runs: [Compression: Runs] = [:]
    let full = Compression(source: .method(.full), dimensions: passages.columns, bits: 32)
    // Each once, also where it is both asked for and measured against.
    let needed = compressions + compressions.compactMap(\.baseline) + [full]
    for compression in needed where runs[compression] == nil {
      runs[compression] = try Runs(compression, seeds, compressor, students, queries, judgements, words)
    }
    let order = Array(runs.keys)
    let estimates = Dictionary(
      uniqueKeysWithValues: zip(
        order, BootstrapEstimate.means(of: order.map { runs[$0]!.nDCGs }, seed: bootstrapSeed)))
    let most = estimates[full]!
    guard most.value > 0 else { throw LabError.nothingToKeep(corpus.name) }
    dataset = corpus.name
    results = compressions.map { compression in
      let run = runs[compression]!
      let kept = estimates[compression]! / most
      return Result(
        compression: compression, bytesPerPassage: run.bytesPerPassage, rescorerBytes: run.rescorerBytes,
        bySeed: run.bySeed, kept: kept, keptBySeed: run.bySeed.map { $0.ndcgAt10 / most.value },
        gain: compression.baseline.map { kept - estimates[$0]! / most })
    }
  }

  /// What the words of the queries find.
  private struct Words {
    /// Rows, best first.
    private(set) var rankings: [[Int]] = []
    /// Their BM25.
    private(set) var scores: [[Int: Double]] = []

    init(_ corpus: RetrievalCorpus, isNeeded: Bool) throws {
      guard isNeeded else { return }
      let index = try KeywordIndex(corpus)
      for query in corpus.parts.flatMap(\.queries) {
        let matches = try index.matches(query.text, count: RetrievalEvaluation.depth)
        rankings.append(matches.map(\.row))
        scores.append(Dictionary(matches.map { ($0.row, $0.bm25) }, uniquingKeysWith: max))
      }
    }
  }

  private struct Runs {
    private(set) var bytesPerPassage = 0
    private(set) var rescorerBytes: Int?
    private(set) var bySeed: [RankingMetrics] = []
    /// nDCG@10 of each query, the mean over the seeds.
    private(set) var nDCGs: [Double]

    init(
      _ compression: Compression, _ seeds: [UInt64], _ compressor: Compressor, _ students: CorpusStudents,
      _ queries: Matrix, _ judgements: [Judgements], _ words: Words
    ) throws {
      nDCGs = [Double](repeating: 0, count: judgements.count)
      // What does not hang on the seed is measured once.
      let isSeeded = compression.source != .keywords && !(compression.isFull && compression.bits == 32)
      let needed = isSeeded ? seeds : Array(seeds.prefix(1))
      for seed in needed {
        let rankings: [[Int]]
        if compression.source == .keywords {
          rankings = words.rankings
        } else {
          var asked = queries
          let rows: CompressedRows
          if compression.source == .method(.static) {
            let vectors = try students.vectors(dimensions: compression.dimensions, seed: seed)
            asked = vectors.queries
            rows = try compressor.compress(student: vectors.passages, compression, seed: seed)
          } else {
            rows = try compressor.compress(compression, seed: seed)
          }
          (bytesPerPassage, rescorerBytes) = (rows.bytesPerRow, rows.rescorerBytesPerRow)
          rankings =
            compression.mode == .semantic
            ? rows.rankings(for: asked, count: RetrievalEvaluation.depth)
            : rows.rankings(
              for: asked, count: RetrievalEvaluation.depth, with: words.scores, fuse: ScoreFusion.score)
        }
        let metrics = RetrievalEvaluation.perQuery(rankings, judgements: judgements)
        bySeed.append(RankingMetrics(meanOf: metrics))
        for (query, metrics) in metrics.enumerated() { nDCGs[query] += metrics.ndcgAt10 / Double(needed.count) }
      }
      if needed.count < seeds.count { bySeed = seeds.map { _ in bySeed[0] } }
    }
  }

  /// The rows of each measurement, in order, and where there are several of the same compressions, the means over them.
  static func rows(of measurements: [RetrievalMeasurement]) -> [RetrievalRow] {
    var rows = measurements.flatMap { measurement in
      measurement.results.map { row(measurement.dataset, [$0]) }
    }
    if measurements.count > 1, let first = measurements.first {
      rows += first.results.indices.map { i in row("mean", measurements.map { $0.results[i] }) }
    }
    return rows
  }

  /// The mean of one compression's results on some corpora.
  private static func row(_ dataset: String, _ results: [Result]) -> RetrievalRow {
    func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
    let gains = results.compactMap(\.gain)
    let gain = gains.isEmpty ? nil : BootstrapEstimate.mean(of: gains)
    let seeds = results[0].bySeed.indices
    return RetrievalRow(
      dataset: dataset, compression: results[0].compression, bytesPerPassage: results[0].bytesPerPassage,
      rescorerBytes: results[0].rescorerBytes,
      metrics: RankingMetrics(meanOf: results.map { RankingMetrics(meanOf: $0.bySeed) }),
      kept: .mean(of: results.map(\.kept)),
      keptSpread: seeds.map { seed in mean(results.map { $0.keptBySeed[seed] }) }.standardDeviation,
      against: gain.map {
        .init(
          method: MeasuredMethod.pcaWhitened.rawValue, difference: $0.value, low: $0.interval.lowerBound,
          high: $0.interval.upperBound)
      },
      bySeed: seeds.map { seed in mean(results.map { $0.bySeed[seed].ndcgAt10 }) })
  }
}
