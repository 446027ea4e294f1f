import Evaluation
import RateReduction

// The JSON forms of what a profile measures. Every key is always there; what is absent is null.

extension ClusterStructure: Encodable {
  enum CodingKeys: String, CodingKey {
    case dimensions, agreement, chance
    case effectiveRank = "effective_rank"
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(effectiveRank, forKey: .effectiveRank)
    try container.encode(dimensions, forKey: .dimensions)
    try container.encode(agreement, forKey: .agreement)
    try container.encode(chance, forKey: .chance)
  }
}

extension QualityMeasure: Encodable {
  enum CodingKeys: String, CodingKey {
    case corpus, kept
    case queries
    case queryCount = "query_count"
    case ndcgAt10 = "ndcg@10"
    case recallAt10 = "recall@10"
    case recallOfFull = "recall@10_of_full"
    case overWhitened = "over_whitened"
    case overDistillation = "over_distillation"
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(corpus, forKey: .corpus)
    try container.encode(queries, forKey: .queries)
    try container.encode(queryCount, forKey: .queryCount)
    try container.encode(ndcgAt10, forKey: .ndcgAt10)
    try container.encode(recallAt10, forKey: .recallAt10)
    try container.encode(recallOfFull, forKey: .recallOfFull)
    try container.encode(kept, forKey: .kept)
    try container.encode(overWhitened, forKey: .overWhitened)
    try container.encode(overDistillation, forKey: .overDistillation)
  }
}

extension ProfileRow: Encodable {
  enum CodingKeys: String, CodingKey {
    case method, dimensions, bits, rescorer, measures
    case isTwoStage = "two_stage"
    case candidateShare = "candidate_share"
    case codeBytes = "code_bytes"
    case bytes = "bytes_per_passage"
    case scan = "scan_ms"
    case scannedRows = "scan_measured_rows"
    case memory = "memory_bytes_at_1000000"
    case training = "training_s"
    case database = "database_bytes_per_passage"
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(point.method.rawValue, forKey: .method)
    try container.encode(point.dimensions, forKey: .dimensions)
    try container.encode(point.bits, forKey: .bits)
    try container.encode(point.rescorer != nil, forKey: .isTwoStage)
    try container.encode(point.rescorer?.rawValue, forKey: .rescorer)
    try container.encode(candidateShare, forKey: .candidateShare)
    try container.encode(point.codeBytes, forKey: .codeBytes)
    try container.encode(point.bytes, forKey: .bytes)
    try container.encode(measures, forKey: .measures)
    let scan = Dictionary(uniqueKeysWithValues: cost.scanMilliseconds.map { ("\($0.key)", $0.value) })
    try container.encode(scan.isEmpty ? nil : scan, forKey: .scan)
    try container.encode(cost.scannedRows, forKey: .scannedRows)
    try container.encode(cost.memoryAtMillion, forKey: .memory)
    try container.encode(cost.trainingSeconds, forKey: .training)
    try container.encode(cost.databaseBytes, forKey: .database)
  }
}

extension Recommendation: Encodable {
  enum CodingKeys: String, CodingKey {
    case method, dimensions, bits, rescorer, reached, sentence, reasons, configuration
    case bytes = "bytes_per_passage"
    case helps = "mcr2_helps"
    case loses = "rate_reduction_loses"
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(point?.method.rawValue, forKey: .method)
    try container.encode(point?.dimensions, forKey: .dimensions)
    try container.encode(point?.bits, forKey: .bits)
    try container.encode(point?.rescorer?.rawValue, forKey: .rescorer)
    try container.encode(point?.bytes, forKey: .bytes)
    try container.encode(isReached, forKey: .reached)
    try container.encode(rateReductionHelps, forKey: .helps)
    try container.encode(rateReductionLoses, forKey: .loses)
    try container.encode(sentence, forKey: .sentence)
    try container.encode(reasons, forKey: .reasons)
    try container.encode(configuration, forKey: .configuration)
  }
}
