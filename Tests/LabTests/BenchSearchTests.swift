import Foundation
import SystemPackage
import Testing

@Suite("fumi bench search")
struct BenchSearchTests {
  @Test func `an index is filled, coded, started on and asked, and used again where it was kept`() throws {
    let laboratory = try Laboratory()
    let folder = try TemporaryFolder()
    let arguments = [
      "bench", "search", "--passages", "1200", "--bits", "2", "--queries", "4", "--starts", "1", "--model",
      try Laboratory.model(), "--folder", folder.path.appending("kept").string, "--json",
    ]
    for _ in 0..<2 {
      let report = try laboratory.run(arguments).object()
      #expect(report["passages"] as? Int == 1200)
      #expect(report["bytes_per_passage"] as? Int == 32)
      #expect(report["projector"] as? Int == 1)
      let modes = try #require(report["modes"] as? [String: [String: [String: Double]]])
      #expect(Set(modes.keys) == ["semantic", "hybrid", "keyword"])
      #expect(modes["semantic"]!["keyword"] == nil && modes["keyword"]!["rescore"] == nil)
      for (mode, stage) in [("semantic", "scan"), ("semantic", "beyond_encode"), ("hybrid", "keyword")] {
        #expect(try #require(modes[mode]![stage]?["p95_ms"]) > 0, "\(mode), \(stage)")
      }
      for key in ["health", "first_search"] {
        #expect(try #require((report[key] as? [String: Double])?["p50_ms"]) > 0)
      }
      #expect(try #require(report["pss_after_mb"] as? Double) > 1)
    }
    let other = try laboratory.run(arguments.map { $0 == "1200" ? "2000" : $0 })
    #expect(other.status == 2)
    #expect(other.remarks.contains("holds 120"), "\(other.remarks)")
  }

  @Test func `nobody is asked for who is not there`() throws {
    let report = try Laboratory().run(["bench", "search", "--passages", "1000", "--user", "no such user"])
    #expect(report.status == 2)
    #expect(report.remarks.contains("--user no such user: "), "\(report.remarks)")
  }
}
