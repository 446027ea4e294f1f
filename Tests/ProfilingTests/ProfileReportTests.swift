import Foundation
import Profiling
import Testing

@Suite("A profile as JSON")
struct ProfileReportTests {
  @Test func `has every key of a row, null where nothing is known`() throws {
    let data = try JSONEncoder().encode(ProfileRows.report(ProfileRows.varied))
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(
      Set(object.keys) == [
        "model", "seed", "sources", "thresholds", "structure", "folders", "results", "recommendation",
      ])
    let results = try #require(object["results"] as? [[String: Any]])
    #expect(results.count == ProfileRows.varied.count)
    for result in results {
      #expect(
        Set(result.keys) == [
          "method", "dimensions", "bits", "two_stage", "candidate_share", "rescorer", "code_bytes", "bytes_per_passage",
          "measures",
          "scan_ms", "scan_measured_rows", "memory_bytes_at_1000000", "training_s", "database_bytes_per_passage",
        ])
    }
    let last = try #require(results.last)
    #expect(last["rescorer"] as? String == "wide" && last["two_stage"] as? Bool == true)
    #expect(last["code_bytes"] as? Int == 16 && last["bytes_per_passage"] as? Int == 16 + 128)
    // Codes, a norm each, three ids, and a bit.
    #expect(last["memory_bytes_at_1000000"] as? Int == 168_125_000 + 4_000_000)
    #expect(last["database_bytes_per_passage"] as? Int == 1_500 + 16 + 128 + 16)
    let measure = try #require((last["measures"] as? [[String: Any]])?.first)
    #expect(
      Set(measure.keys) == [
        "corpus", "queries", "query_count", "ndcg@10", "recall@10", "recall@10_of_full", "kept", "over_whitened",
        "over_distillation",
      ])
    #expect(measure["kept"] as? [String: Double] == ["value": 1, "low": 0.99, "high": 1.01])
    #expect(results[0]["scan_ms"] is NSNull && (results[0]["rescorer"] is NSNull))
    let recommendation = try #require(object["recommendation"] as? [String: Any])
    #expect(recommendation["method"] as? String == "mcr2" && recommendation["bytes_per_passage"] as? Int == 32)
    #expect(recommendation["mcr2_helps"] as? Bool == true && recommendation["reached"] as? Bool == true)
    #expect(
      recommendation["configuration"] as? [String] == [
        "[projector]", "dimensions = 128", "bits = 2", "rescore = false", "train = true",
      ])
  }
}
