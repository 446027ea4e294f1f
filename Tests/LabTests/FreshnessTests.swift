import Foundation
import Testing

@Suite("fumi bench freshness")
struct FreshnessTests {
  @Test func `a private daemon is started, files are saved and found, and nothing is left behind`() throws {
    let laboratory = try Laboratory()
    let before = try leftovers()
    let report = try laboratory.run([
      "bench", "freshness", "--saves", "3", "--settle", "50", "--model", try Laboratory.model(), "--json",
    ]).object()
    #expect(report["saves"] as? Int == 3)
    #expect(report["settle_ms"] as? Int == 50)
    let median = try #require(report["p50_ms"] as? Double)
    let p95 = try #require(report["p95_ms"] as? Double)
    #expect(median >= 50 && p95 >= median)
    #expect(abs(try #require(report["beyond_settle_p95_ms"] as? Double) - (p95 - 50)) < 1e-6)
    #expect(try leftovers().subtracting(before).isEmpty)
  }

  private func leftovers() throws -> Set<String> {
    Set(try FileManager.default.contentsOfDirectory(atPath: "/tmp").filter { $0.hasPrefix("fumikura-bench-") })
  }
}
