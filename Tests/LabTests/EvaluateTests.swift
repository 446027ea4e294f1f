import Foundation
import SystemPackage
import Testing

@Suite("fumi evaluate")
struct EvaluateTests {
  private let laboratory: Laboratory
  private let model: String

  init() throws {
    laboratory = try Laboratory()
    model = try Laboratory.model()
  }

  /// Forty passages on eight subjects; a question for each subject.
  private func beirFolder() throws -> String {
    let subjects = [
      ("bread", "flour, yeast and a hot oven"), ("sailing", "wind, sails and the tide"),
      ("chess", "pawns, queens and checkmate"), ("bees", "hives, nectar and honey"),
      ("taxes", "income, deductions and returns"), ("volcanoes", "lava, ash and eruptions"),
      ("violins", "strings, bows and varnish"), ("glaciers", "ice, moraines and crevasses"),
    ]
    let works = ["A guide to", "A history of", "Questions about", "The economics of", "A child's book of"]
    var corpus = ""
    var queries = ""
    var judgements = "query-id\tcorpus-id\tscore\n"
    for (number, (subject, words)) in subjects.enumerated() {
      queries += #"{"_id": "q\#(number)", "text": "where can I read of \#(words)?"}"# + "\n"
      for (place, work) in works.enumerated() {
        corpus +=
          #"{"_id": "d\#(number)-\#(place)", "title": "\#(work) \#(subject)", "#
          + #""text": "It tells of \#(words). Chapter \#(place + 2) is on \#(subject) today."}"# + "\n"
        judgements += "q\(number)\td\(number)-\(place)\t1\n"
      }
    }
    try laboratory.folder.write(corpus, "subjects/corpus.jsonl")
    try laboratory.folder.write(queries, "subjects/queries.jsonl")
    try laboratory.folder.write(judgements, "subjects/qrels.tsv")
    return laboratory.folder.path.appending("subjects").string
  }

  @Test func `retrieval prints a row for each method, dimension and code, and a second run encodes nothing`() throws {
    let arguments = [
      "evaluate", "retrieval", try beirFolder(), "--method", "full,random,pca,mcr2", "--dimensions", "8,32", "--bits",
      "32,4", "--model", model, "--json",
    ]
    let first = try laboratory.run(arguments)
    #expect(first.status == 0, "\(first.remarks)")
    #expect(first.remarks.contains("encoding subjects, passages"))
    let results = try first.results()
    #expect(
      results.map { "\($0["method"]!) \($0["dimensions"]!) \($0["bits"]!) \($0["bytes_per_passage"]!)" } == [
        "full 384 32 1536", "full 384 4 192", "random 8 32 32", "random 8 4 4", "random 32 32 128", "random 32 4 16",
        "pca 8 32 32", "pca 8 4 4", "pca 32 32 128", "pca 32 4 16", "mcr2 8 32 32", "mcr2 8 4 4", "mcr2 32 32 128",
        "mcr2 32 4 16",
      ])
    for result in results {
      #expect(result["dataset"] as? String == "subjects")
      for key in ["ndcg@10", "recall@10", "recall@100", "mrr@10"] {
        let value = try #require(result[key] as? Double, "\(key)")
        #expect((0...1).contains(value))
      }
    }
    #expect(try #require(results[0]["ndcg@10"] as? Double) > 0.9)
    #expect(try #require(results[0]["recall@100"] as? Double) == 1)

    let second = try laboratory.run(arguments)
    #expect(!second.remarks.contains("encoding"), "\(second.remarks)")
    #expect(second.output == first.output, "the same seed gives the same text")
  }

  @Test func `two stages rank as the float vectors do where all passages are candidates`() throws {
    let folder = try beirFolder()
    let arguments = [
      "evaluate", "retrieval", folder, "--method", "pca", "--dimensions", "16", "--model", model, "--json",
    ]
    let floats = try laboratory.run(arguments).results()
    let staged = try laboratory.run(arguments + ["--bits", "1", "--two-stage", "--candidates", "40"]).results()
    #expect(staged[0]["bytes_per_passage"] as? Int == 2)
    for key in ["ndcg@10", "recall@10", "mrr@10"] { #expect(staged[0][key] as? Double == floats[0][key] as? Double) }
  }

  @Test func `without --json there is a table for people`() throws {
    let outcome = try laboratory.run(["evaluate", "retrieval", try beirFolder(), "--model", model])
    let lines = outcome.text.split(separator: "\n")
    #expect(lines.count == 2)
    #expect(lines[0].hasPrefix("dataset   method  dimensions"))
    #expect(lines[1].hasPrefix("subjects  full           384    32   1536"))
  }

  @Test func `classify prints full, pca and mcr2 trained on the labels`() throws {
    let kinds = [
      "fruit": ["apples", "pears", "plums"], "tools": ["hammers", "saws", "drills"],
      "weather": ["rain", "snow", "hail"],
    ]
    let lines = kinds.sorted { $0.key < $1.key }.flatMap { kind, things in
      things.flatMap { thing in (1...6).map { "\(kind)\tNumber \($0) says much about \(thing)." } }
    }
    let train = try laboratory.folder.write(lines.joined(separator: "\n"), "a.tsv")
    let test = try laboratory.folder.write(
      "fruit\tI like cherries.\ntools\tThe screwdriver broke.\nweather\tA storm came.\n", "b.tsv")
    let results = try laboratory.run([
      "evaluate", "classify", "--train", train.string, "--test", test.string, "--dimensions", "16", "--model", model,
      "--json",
    ]).results()
    #expect(results.map { $0["method"] as? String } == ["full", "pca", "mcr2"])
    #expect(results.map { $0["dimensions"] as? Int } == [384, 16, 16])
    for result in results {
      #expect(try #require(result["label_map"] as? Double) > 0.5)
      #expect(try #require(result["knn_accuracy"] as? Double) > 0.6)
    }
  }

  /// The figures are those of sentence-transformers with this model, 256 tokens (±.002 are allowed to any encoder).
  @Test func `sentence pairs of STS-B agree with people as the model does elsewhere`() throws {
    guard let data = try SharedData.data("sts") else { return }
    var expected = ["stsb-nomsr.test": 0.8099]
    if ProcessInfo.processInfo.environment["FUMIKURA_LONG"] != nil { expected["sickr.test"] = 0.7715 }
    let files = expected.keys.sorted().map { data.appending("\($0).tsv").string }
    let results = try laboratory.run(["evaluate", "sts"] + files + ["--model", model, "--json"]).results()
    #expect(results.count == expected.count)
    for result in results {
      let name = try #require(result["dataset"] as? String)
      let spearman = try #require(result["spearman"] as? Double)
      #expect(abs(spearman - expected[name]!) < 0.002, "\(name) \(spearman)")
      #expect(result["method"] as? String == "full")
      #expect(result["dimensions"] as? Int == 384)
      #expect(result["bits"] as? Int == 32)
      #expect(result["pearson"] as? Double != nil)
    }
  }
}
