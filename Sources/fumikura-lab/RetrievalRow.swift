import Evaluation

/// What `evaluate retrieval` prints of one compression on one corpus.
struct RetrievalRow: Encodable {
  /// How much more (or less) is kept than by another method in the same bytes.
  struct Difference: Encodable {
    var method: String
    var difference: Double
    /// The 95 % interval.
    var low: Double
    var high: Double
  }

  var dataset: String
  var compression: Compression
  var bytesPerPassage: Int
  var rescorerBytes: Int?
  var metrics: RankingMetrics
  /// nDCG@10 divided by that of the full vectors.
  var kept: BootstrapEstimate
  /// The standard deviation of `kept` over the seeds; nil of one.
  var keptSpread: Double?
  var against: Difference?
  /// nDCG@10 of each seed.
  var bySeed: [Double]

  enum CodingKeys: String, CodingKey {
    case dataset, method, dimensions, bits, kept, rescorer, against, mode
    case bytesPerPassage = "bytes_per_passage"
    case rescorerBytes = "rescorer_bytes_per_passage"
    case ndcgAt10 = "ndcg@10"
    case recallAt10 = "recall@10"
    case recallAt100 = "recall@100"
    case mrrAt10 = "mrr@10"
    case keptLow = "kept_low"
    case keptHigh = "kept_high"
    case keptSpread = "kept_sd"
    case isTwoStage = "two_stage"
    case bySeed = "ndcg@10_by_seed"
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(dataset, forKey: .dataset)
    try container.encode(compression.name, forKey: .method)
    try container.encode(compression.mode.rawValue, forKey: .mode)
    try container.encode(compression.dimensions, forKey: .dimensions)
    try container.encode(compression.bits, forKey: .bits)
    try container.encode(bytesPerPassage, forKey: .bytesPerPassage)
    try container.encode(metrics.ndcgAt10, forKey: .ndcgAt10)
    try container.encode(metrics.recallAt10, forKey: .recallAt10)
    try container.encode(metrics.recallAt100, forKey: .recallAt100)
    try container.encode(metrics.mrrAt10, forKey: .mrrAt10)
    let interval = kept.interval
    try container.encode(kept.value, forKey: .kept)
    try container.encode(interval.lowerBound, forKey: .keptLow)
    try container.encode(interval.upperBound, forKey: .keptHigh)
    try container.encode(keptSpread, forKey: .keptSpread)
    try container.encode(against, forKey: .against)
    try container.encode(compression.rescorer != nil, forKey: .isTwoStage)
    try container.encode(compression.rescorer?.rawValue, forKey: .rescorer)
    try container.encode(rescorerBytes, forKey: .rescorerBytes)
    try container.encode(bySeed, forKey: .bySeed)
  }

  static let tableHeader = [
    "dataset", "method", "dimensions", "bits", "bytes", "nDCG@10", "recall@10", "recall@100", "MRR@10", "kept", "±",
    "to whitened PCA", "±",
  ]

  /// The cells of a table; an interval is shown by half its width.
  var tableCells: [String] {
    let interval = kept.interval
    return [dataset, compression.name, "\(compression.dimensions)", "\(compression.bits)", "\(bytesPerPassage)"]
      + [metrics.ndcgAt10, metrics.recallAt10, metrics.recallAt100, metrics.mrrAt10, kept.value]
      .map { $0.formatted(decimals: 4) }
      + [((interval.upperBound - interval.lowerBound) / 2).formatted(decimals: 3)]
      + (against.map {
        [
          ($0.difference < 0 ? "" : "+") + $0.difference.formatted(decimals: 4),
          (($0.high - $0.low) / 2).formatted(decimals: 3),
        ]
      } ?? ["", ""])
  }
}
