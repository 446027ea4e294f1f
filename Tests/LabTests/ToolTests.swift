import Foundation
import SystemPackage
import Testing

@Suite("fumi embed, extract, bench and model")
struct ToolTests {
  private let laboratory: Laboratory
  private let model: String

  init() throws {
    laboratory = try Laboratory()
    model = try Laboratory.model()
  }

  @Test func `embed writes a unit row of raw float32 for each line, the empty one too`() throws {
    let outcome = try laboratory.run(["embed", "--model", model], input: Data("the cat sat\n\n犬\nthe cat sat".utf8))
    #expect(outcome.status == 0, "\(outcome.remarks)")
    try #require(outcome.output.count == 4 * 384 * 4)
    let values = outcome.output.withUnsafeBytes { bytes in
      (0..<4 * 384).map { Float(bitPattern: bytes.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self).littleEndian) }
    }
    for row in 0..<4 {
      let norm = values[row * 384..<(row + 1) * 384].reduce(0) { $0 + $1 * $1 }
      #expect(abs(norm - 1) < 1e-4)
    }
    #expect(values[0..<384] == values[3 * 384..<4 * 384])
  }

  @Test func `embed --tokens prints the ids of each line, cut at the model's limit`() throws {
    let long = String(repeating: "cat ", count: 400)
    let outcome = try laboratory.run(
      ["embed", "--tokens", "--model", model], input: Data("the cat sat\n\(long)\n".utf8))
    let lines = outcome.text.split(separator: "\n")
    #expect(lines.count == 2)
    #expect(lines[0] == "[101,1996,4937,2938,102]")
    #expect(lines[1].split(separator: ",").count == 256)
  }

  @Test func `embed without a line has no results`() throws {
    let outcome = try laboratory.run(["embed", "--model", model])
    #expect(outcome.status == 1)
    #expect(outcome.output.isEmpty)
  }

  @Test func `bench encode prints rates, and cosines only where it is asked to compare`() throws {
    let file = try laboratory.folder.write(
      "a short text\nanother one, somewhat longer than the first\nthird\n", "texts")
    let arguments = ["bench", "encode", "--file", file.string, "--model", model, "--threads", "1", "--json"]
    let plain = try laboratory.run(arguments).object()
    for key in ["texts_per_s", "tokens_per_s", "cpu_s"] { #expect(try #require(plain[key] as? Double) > 0) }
    #expect(["reference", "fast"].contains(plain["path"] as? String))
    for key in ["mean_cosine", "min_cosine", "scaling", "product_scaling"] { #expect(plain[key] is NSNull) }
    let compared = try laboratory.run(
      arguments + ["--path", "reference", "--against", "reference", "--limit", "2"]
    ).object()
    #expect(compared["path"] as? String == "reference")
    #expect(compared["texts"] as? Int == 2)
    #expect(try #require(compared["min_cosine"] as? Double) > 0.99999)
    #expect(try #require(compared["mean_cosine"] as? Double) > 0.99999)
    guard plain["path"] as? String == "fast" else { return }
    #expect(try #require(plain["share_of_limit"] as? Double) > 0)
    #expect(try #require(plain["product_gops"] as? Double) > 0)
    let fast = try laboratory.run(arguments + ["--against", "reference"]).object()
    #expect((0.99..<0.99999).contains(try #require(fast["min_cosine"] as? Double)))
  }

  @Test(arguments: ["SSE41", "AVX2", "AVX512_CORE", "AVX512_CORE_VNNI"])
  func `a processor that is held down computes by its kernels, and to the same vectors`(limit: String) throws {
    let file = try laboratory.folder.write(
      "how do I get my money back after a trip\nthe printer on the second floor is out of toner\n", "texts")
    let report = try laboratory.run(
      [
        "bench", "encode", "--file", file.string, "--model", model, "--threads", "1", "--against", "reference",
        "--json",
      ],
      environment: ["ONEDNN_MAX_CPU_ISA": limit]
    ).object()
    let kernels = try #require(report["kernels"] as? String)
    #expect(!kernels.contains("BF16"))
    if limit == "SSE41" { #expect(report["path"] as? String == "reference") }
    if limit == "AVX2", report["path"] as? String == "fast" { #expect(kernels == "AVX2") }
    #expect(try #require(report["min_cosine"] as? Double) > 0.997)
  }

  @Test(arguments: [(64, 8, 64), (100, 4, 50), (127, 1, 16), (128, 2, 32)])
  func `bench scan prints times, the rate and the kernel`(dimensions: Int, bits: Int, bytes: Int) throws {
    let report = try laboratory.run([
      "bench", "scan", "--rows", "5000", "--dimensions", "\(dimensions)", "--bits", "\(bits)", "--threads", "2",
      "--json",
    ]).object()
    for key in ["median_ms", "p95_ms", "gb_per_s", "memory_read_ms"] {
      #expect(try #require(report[key] as? Double) > 0)
    }
    #expect((report["kernel"] as? String)?.isEmpty == false)
    #expect(report["bytes_per_passage"] as? Int == bytes)
    #expect(report["unfiltered_ms"] == nil)
  }

  @Test func `bench scan measures several queries at once, and what a bitmap costs`() throws {
    let report = try laboratory.run([
      "bench", "scan", "--rows", "5000", "--bits", "1", "--queries", "5", "--batch", "3", "--allowed", "0.5",
      "--count", "20", "--kernel", "scalar", "--json",
    ]).object()
    #expect(report["kernel"] as? String == "scalar")
    #expect(report["batch"] as? Int == 3)
    #expect(report["allowed"] as? Double == 0.5)
    #expect(try #require(report["unfiltered_ms"] as? Double) > 0)
  }

  @Test func `bench train prints how long it took and how much memory`() throws {
    let report = try laboratory.run([
      "bench", "train", "--rows", "300", "--dimensions", "16", "--steps", "5", "--json",
    ]).object()
    #expect(try #require(report["s"] as? Double) > 0)
    #expect(report["steps"] as? Int == 5)
    #expect(report["rescore"] as? Bool == true)
    #expect(try #require(report["peak_mb"] as? Double) > 0)
  }

  @Test func `extract prints a line for each file, and exits with 1 where none has text`() throws {
    let note = try laboratory.folder.write("# Harbour\n\nThe lease was signed.\n", "note.md")
    let empty = try laboratory.folder.write("", "empty.txt")
    let both = try laboratory.run(["extract", note.string, empty.string, "--json"])
    #expect(both.status == 0, "\(both.remarks)")
    let rows = try both.text.split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    try #require(rows.count == 2)
    for row in rows { #expect(Set(row.keys) == ["path", "type", "state", "reason", "title", "text"]) }
    #expect(rows[0]["path"] as? String == note.string)
    #expect(rows[0]["type"] as? String == "markdown")
    #expect(rows[0]["state"] as? String == "indexed")
    #expect((rows[0]["text"] as? String)?.contains("The lease was signed.") == true)
    #expect(rows[1]["state"] as? String == "skipped")
    #expect(rows[1]["reason"] as? String == "empty")
    #expect(rows[1]["text"] is NSNull)
    #expect(try laboratory.run(["extract", empty.string, "--json"]).status == 1)
    let plain = try laboratory.run(["extract", note.string])
    #expect(plain.text.contains("The lease was signed."))
  }

  @Test func `extract of a file that is not there says so and exits with 2`() throws {
    let outcome = try laboratory.run(["extract", "/nowhere/a.txt", "--json"])
    #expect(outcome.status == 2)
    #expect(outcome.remarks.contains("/nowhere/a.txt"), "\(outcome.remarks)")
  }

  @Test func `models are listed, shown and verified by name`() throws {
    let folder = (model as NSString).deletingLastPathComponent
    let name = ((model as NSString).lastPathComponent as NSString).deletingPathExtension
    let environment = ["FUMIKURA_MODELS": folder]
    let list = try laboratory.run(["model", "list", "--json"], environment: environment).object()
    let models = try #require(list["models"] as? [[String: Any]])
    #expect(models.contains { $0["name"] as? String == name && $0["dimensions"] as? Int == 384 })
    let shown = try laboratory.run(["model", "show", name, "--json"], environment: environment).object()
    #expect(shown["maximum_tokens"] as? Int == 256)
    #expect(try laboratory.run(["model", "verify", name], environment: environment).status == 0)
    let none = try laboratory.run(["model", "list"], environment: ["FUMIKURA_MODELS": laboratory.folder.path.string])
    #expect(none.status == 1)
  }
}
