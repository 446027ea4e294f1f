import Foundation
import SystemPackage
import Testing

@Suite("fumi profile")
struct ProfileTests {
  private let laboratory: Laboratory
  private let model: String

  init() throws {
    laboratory = try Laboratory()
    model = try Laboratory.model()
  }

  /// The first passages of a set with those of its queries that they answer, as a folder of its own.
  private func part(of folder: FilePath, passages count: Int) throws -> String {
    func lines(_ name: String) throws -> [String] {
      try String(contentsOfFile: folder.appending(name).string, encoding: .utf8).split(separator: "\n").map(String.init)
    }
    func id(_ line: String) throws -> String {
      let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      return try #require(object?["_id"] as? String)
    }
    let passages = Array(try lines("corpus.jsonl").prefix(count))
    let kept = Set(try passages.map(id))
    let judgements = try lines("qrels.tsv").dropFirst().filter { kept.contains(String($0.split(separator: "\t")[1])) }
    for (name, lines) in [
      ("corpus.jsonl", passages), ("queries.jsonl", try lines("queries.jsonl")), ("qrels.tsv", judgements),
    ] {
      try laboratory.folder.write(lines.joined(separator: "\n") + "\n", "part/\(name)")
    }
    return laboratory.folder.path.appending("part").string
  }

  @Test func `a judged corpus is measured by both kinds of questions, with costs, a picture and lines to put in`()
    throws
  {
    guard let data = try SharedData.data("retrieval/cranfield") else { return }
    let picture = laboratory.folder.path.appending("profile.svg")
    let configuration = try laboratory.folder.write(
      "[[share]]\nname = \"a\"\npath = \"/srv/a\"\n\n[projector]\nprofile_kept = 0.9\nprofile_bytes = 100\n", "own.toml"
    )
    let outcome = try laboratory.run([
      "profile", "--judged", try part(of: data, passages: 250), "--quick", "--svg", picture.string, "--config",
      configuration.string, "--model", model, "--json",
    ])
    let report = try outcome.object()
    let rows = try #require(report["results"] as? [[String: Any]])
    #expect(
      rows.map { "\($0["method"]!) \($0["dimensions"]!) \($0["bits"]!) \($0["bytes_per_passage"]!)" } == [
        "full 384 32 1536", "full 384 4 192", "full 384 2 96", "full 384 1 48", "pca-whitened 128 4 64",
        "pca-whitened 128 2 32", "pca-whitened 128 1 16", "mcr2 128 4 64", "mcr2 128 2 32", "mcr2 128 1 16",
      ])
    for row in rows {
      let measures = try #require(row["measures"] as? [[String: Any]])
      #expect(measures.map { $0["queries"] as? String } == ["held-out", "judged"])
      for measure in measures {
        let kept = try #require(measure["kept"] as? [String: Double])
        #expect(kept["low"]! <= kept["value"]! && kept["value"]! <= kept["high"]! && kept["value"]! > 0.5)
      }
      if row["bits"] as? Int != 32 {
        let scan = try #require(row["scan_ms"] as? [String: Double])
        #expect(Set(scan.keys) == ["10000", "100000", "1000000"] && scan["1000000"]! > scan["10000"]!)
      }
      #expect((row["training_s"] is NSNull) == (row["method"] as? String != "mcr2"))
      // Text, keyword index and source vector: more than the vector alone, less than ten times the text.
      #expect((400...20_000).contains(try #require(row["database_bytes_per_passage"] as? Int)))
    }
    let thresholds = try #require(report["thresholds"] as? [String: Double])
    #expect(thresholds == ["kept": 0.9, "bytes": 100])
    let recommendation = try #require(report["recommendation"] as? [String: Any])
    #expect((recommendation["reached"] as? Bool == true) == (outcome.status == 0), "\(outcome.remarks)")
    #expect(try #require(recommendation["bytes_per_passage"] as? Int) <= 100)
    #expect((recommendation["configuration"] as? [String])?.first == "[projector]")
    let svg = try String(contentsOfFile: picture.string, encoding: .utf8)
    #expect(svg.components(separatedBy: "class=\"point\"").count - 1 == rows.count)
  }

  @Test func `a folder of documents is read, cut, encoded and measured, and people get a table`() throws {
    guard let share = try SharedData.data("share/handbook") else { return }
    let outcome = try laboratory.run([
      "profile", share.string, "--method", "full,pca-whitened", "--dimensions", "64", "--bits", "8,1", "--stages",
      "one,source", "--passages", "300", "--kept", "0.5", "--model", model,
    ])
    #expect(outcome.status == 0, "\(outcome.remarks)")
    for words in [
      "handbook: ", " held-out passages", "passages of about ", "→", "pca-whitened  64 × 1", "+ source",
      "Use pca-whitened, 64-d × ",
      "of a passage's nearest ten are of its folder",
      "of the nearest in other files are of a passage's class, by chance ", "dimensions = 64", "train = false",
    ] {
      #expect(outcome.text.contains(words), "\(words): \(outcome.text)")
    }
    #expect(outcome.remarks.contains("reading files of handbook: 64 in "))
  }

  @Test func `documents that say too little are refused with what they have`() throws {
    try laboratory.folder.write("# A\n\nOne sentence. Another.\n", "few/a.md")
    let few = try laboratory.run(["profile", laboratory.folder.path.appending("few").string, "--model", model])
    #expect(few.status == 2 && few.output.isEmpty)
    #expect(few.remarks.contains("few: got 1 passages, 1 of them different, expected 200 different"), "\(few.remarks)")

    try FileManager.default.createDirectory(
      atPath: laboratory.folder.path.appending("none").string, withIntermediateDirectories: true)
    let none = try laboratory.run(["profile", laboratory.folder.path.appending("none").string, "--model", model])
    #expect(none.status == 2 && none.remarks.contains("none: got no file"), "\(none.remarks)")

    let absent = try laboratory.run(["profile", "/nowhere", "--model", model])
    #expect(absent.status == 2 && absent.remarks.contains("/nowhere: cannot be read"), "\(absent.remarks)")

    let store = try laboratory.run(["profile", "--state", "/nowhere", "--model", model])
    #expect(store.status == 2 && store.remarks.contains("/nowhere/fumikura.db"), "\(store.remarks)")
  }

  @Test(arguments: [
    (["profile"], "got nothing to profile, expected folders, --state or --judged"),
    (["profile", "x", "--state", "y"], "leave out the folders"),
    (["profile", "x", "--quick", "--bits", "2"], "--quick says what is measured"),
    (["profile", "x", "--method", "pcaa"], "got “pcaa”, expected one of full, truncate"),
    (["profile", "x", "--stages", "two"], "got “two”, expected one of one, wide, source"),
    (["profile", "x", "--bits", "3"], "got “3”, expected 32 (float), 8, 4, 2 or 1"),
    (["profile", "x", "--passages", "20"], "got 20, expected 200 or more"),
    (["profile", "x", "--kept", "97"], "got 97.0, expected 0.1 to 2"),
    (["profile", "x", "--dimensions", "512"], "got 512, expected 1 to 384, the model's own"),
  ]) func `a wrong argument is named with what was expected`(arguments: [String], words: String) throws {
    let outcome = try laboratory.run(arguments + (arguments.count > 1 ? ["--model", model] : []))
    #expect(outcome.status == 2 && outcome.output.isEmpty)
    #expect(outcome.remarks.contains(words), "\(outcome.remarks)")
  }
}
