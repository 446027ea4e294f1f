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

  @Test func `classes that a corpus has are trained with, and others are refused with what was expected`()
    throws
  {
    let folder = try beirFolder()
    let lines = (0..<40).map { "Line \($0) tells of something else, such as trains and their timetables \($0 * 7)." }
    let distractors = try laboratory.folder.write(lines.joined(separator: "\n") + "\n", "lines.txt").string
    let labels = try laboratory.folder.write(
      "a\td0-0\nb\td1-0\na\td2-1\nb\td3-1\n", "labels.tsv"
    ).string
    let base = [
      "evaluate", "retrieval", folder, "--method", "mcr2", "--dimensions", "8", "--bits", "4", "--steps", "5",
      "--model",
      model, "--json",
    ]
    let pooled = ["--pooled", "--distractors", distractors]
    func score(_ arguments: [String], remark: String? = nil) throws -> Double {
      let outcome = try laboratory.run(base + arguments)
      #expect(outcome.status == 0, "\(outcome.remarks)")
      if let remark { #expect(outcome.remarks.contains(remark), "\(outcome.remarks)") }
      return try #require(try outcome.results()[0]["ndcg@10"] as? Double)
    }
    let plain = try score([])
    #expect(try score(["--classes", "pseudo"]) == plain)
    #expect(try score(["--classes", "none"]) == score(["--rate-weight", "0"]))
    _ = try score(["--classes", "neighbours"], remark: "subjects, neighbour groups: ")
    _ = try score(
      ["--classes", "labels", "--labels", labels], remark: "subjects, labels: 2 classes of 4 of 40 passages")
    _ = try score(["--classes", "folders"] + pooled, remark: "pooled, folders: 2 classes of 80 of 80 passages")
    _ = try score(
      ["--classes", "files", "--class-weight", "100"] + pooled, remark: "pooled, files: 4 classes of 40 of 80 passages")

    for (arguments, words) in [
      (["--classes", "folders"], "subjects has no folders to train with"),
      (["--classes", "files"], "subjects has no files to train with"),
      (["--classes", "headings"], "subjects has no headings to train with: got 0 of two passages or more"),
      (["--classes", "labels"], "expected --labels FILE"), (["--labels", labels], "--labels is for --classes labels"),
      (["--class-weight", "3"], "--class-weight is for"),
      (["--classes", "folders", "--class-weight=-1"] + pooled, "--class-weight: got -1.0, expected 0 or more"),
      (["--classes", "none", "--rate-weight", "0.3"], "nothing to draw together"),
    ] {
      let outcome = try laboratory.run(base + arguments)
      #expect(outcome.status == 2 && outcome.remarks.contains(words), "\(arguments): \(outcome.remarks)")
    }
  }

  @Test func `two stages rank as the rescorer does where all passages are candidates`() throws {
    let arguments = [
      "evaluate", "retrieval", try beirFolder(), "--dimensions", "16", "--bits", "1", "--two-stage", "--model", model,
      "--json",
    ]
    let source = try laboratory.run(arguments + ["--method", "pca", "--rescorer", "source"]).results()[0]
    let alone = try laboratory.run(
      ["evaluate", "retrieval", try beirFolder(), "--bits", "8", "--model", model, "--json"]
    ).results()[0]
    for key in ["ndcg@10", "recall@10", "mrr@10"] { #expect(source[key] as? Double == alone[key] as? Double) }
    #expect(source["bytes_per_passage"] as? Int == 2)
    #expect(source["rescorer"] as? String == "source")
    #expect(source["rescorer_bytes_per_passage"] as? Int == 388)
    #expect(source["two_stage"] as? Bool == true)
    #expect(alone["rescorer"] is NSNull)
    #expect(alone["two_stage"] as? Bool == false)

    // The wide form of mcr2 is trained.
    let wide = try laboratory.run(arguments + ["--method", "pca,mcr2"])
    #expect(wide.remarks.contains("training subjects, 256 dimensions"))
    for result in try wide.results() {
      #expect(result["rescorer"] as? String == "wide")
      #expect(result["rescorer_bytes_per_passage"] as? Int == 128)
    }
  }

  @Test func `every row stands beside whitened PCA of its bytes, with intervals, and several folders have a mean`()
    throws
  {
    let folder = try beirFolder()
    let results = try laboratory.run([
      "evaluate", "retrieval", folder, folder + "/.", "--method", "full,pca-whitened,itq,opq", "--dimensions", "16",
      "--bits", "1",
      "--repeat", "2", "--model", model, "--json",
    ]).results()
    #expect(results.count == 12)
    #expect(results.map { $0["dataset"] as? String }.suffix(4) == Array(repeating: "mean", count: 4))
    for result in results {
      let method = try #require(result["method"] as? String)
      let kept = try #require(result["kept"] as? Double)
      let (low, high) = (
        try #require(result["kept_low"] as? Double), try #require(result["kept_high"] as? Double)
      )
      #expect(low <= kept && kept <= high)
      #expect((result["ndcg@10_by_seed"] as? [Double])?.count == 2)
      #expect(result["kept_sd"] as? Double != nil)
      guard method == "itq" || method == "opq" else {
        #expect(result["against"] is NSNull)
        continue
      }
      let against = try #require(result["against"] as? [String: Any])
      #expect(against["method"] as? String == "pca-whitened")
      let base = try #require(
        results.first {
          $0["method"] as? String == "pca-whitened" && $0["dataset"] as? String == result["dataset"] as? String
        }?["kept"] as? Double)
      let difference = try #require(against["difference"] as? Double)
      #expect(abs(difference - (kept - base)) < 1e-12)
      #expect(try #require(against["low"] as? Double) <= difference)
      #expect(try #require(against["high"] as? Double) >= difference)
    }
    // Where it is not asked for, it is measured all the same.
    let alone = try laboratory.run([
      "evaluate", "retrieval", folder, "--method", "opq", "--dimensions", "16", "--bits", "1", "--repeat", "2",
      "--model", model, "--json",
    ]).results()
    #expect(alone.count == 1)
    #expect(alone[0]["kept"] as? Double == results[3]["kept"] as? Double)
    #expect(alone[0]["against"] as? [String: AnyHashable] == results[3]["against"] as? [String: AnyHashable])
  }

  @Test func `pooled folders are searched as one, among passages that answer nothing`() throws {
    let folder = try beirFolder()
    let distractors = try laboratory.folder.write(
      (1...9).map { "Paragraph \($0) of an unrelated text.\n" }.joined(), "others.txt")
    let results = try laboratory.run([
      "evaluate", "retrieval", folder, "--pooled", "--distractors", distractors.string, "--method", "full,mcr2",
      "--dimensions", "16", "--bits", "4", "--model", model, "--json",
    ]).results()
    #expect(results.map { $0["dataset"] as? String } == ["pooled", "pooled"])
    #expect(try #require(results[0]["ndcg@10"] as? Double) > 0.9)
  }

  @Test func `words find what they name, and in hybrid search they add to what the meaning finds`() throws {
    // Numbers mean little to the model, and all to the words.
    var (corpus, queries, judgements) = ("", "", "query-id\tcorpus-id\tscore\n")
    for part in 0..<30 {
      corpus += #"{"_id": "d\#(part)", "title": "Spare part", "text": "Order number \#(70_431 + 37 * part)."}"# + "\n"
      queries += #"{"_id": "q\#(part)", "text": "what is \#(70_431 + 37 * part)?"}"# + "\n"
      judgements += "q\(part)\td\(part)\t1\n"
    }
    try laboratory.folder.write(corpus, "parts/corpus.jsonl")
    try laboratory.folder.write(queries, "parts/queries.jsonl")
    try laboratory.folder.write(judgements, "parts/qrels.tsv")
    let arguments = [
      "evaluate", "retrieval", laboratory.folder.path.appending("parts").string, "--method", "full", "--bits", "8",
      "--model", model, "--json", "--mode",
    ]
    let results = try ["semantic", "keyword", "hybrid"].map { try laboratory.run(arguments + [$0]).results() }
    #expect(results.map(\.count) == [1, 1, 1])
    #expect(results.map { $0[0]["mode"] as? String } == ["semantic", "keyword", "hybrid"])
    #expect(results.map { $0[0]["method"] as? String } == ["full", "keyword", "full"])
    #expect(results[1][0]["bytes_per_passage"] as? Int == 0)
    let mrr = try results.map { try #require($0[0]["mrr@10"] as? Double) }
    #expect(mrr[1] == 1, "\(mrr)")
    #expect(mrr[2] > mrr[0], "\(mrr)")
  }

  @Test func `without --json there is a table for people`() throws {
    let outcome = try laboratory.run(["evaluate", "retrieval", try beirFolder(), "--model", model])
    let lines = outcome.text.split(separator: "\n")
    #expect(lines.count == 2)
    #expect(lines[0].hasPrefix("dataset   method  dimensions"))
    #expect(lines[0].contains("kept      ±  to whitened PCA"))
    #expect(lines[1].hasPrefix("subjects  full           384    32   1536"))
  }

  /// Three kinds of things: 54 sentences to learn from, three to ask by.
  private func labelledFiles() throws -> (train: String, test: String) {
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
    return (train.string, test.string)
  }

  @Test func `classify prints full, pca, and lda and mcr2 learnt from the labels`() throws {
    let (train, test) = try labelledFiles()
    let results = try laboratory.run([
      "evaluate", "classify", "--train", train, "--test", test, "--dimensions", "16", "--model", model, "--json",
    ]).results()
    #expect(results.map { $0["method"] as? String } == ["full", "pca", "lda", "mcr2"])
    // Three classes have two directions.
    #expect(results.map { $0["dimensions"] as? Int } == [384, 16, 2, 16])
    for result in results {
      #expect(try #require(result["label_map"] as? Double) > 0.5)
      #expect(try #require(result["knn_accuracy"] as? Double) > 0.6)
      #expect(result["retrieval_kept"] is NSNull)
    }
  }

  @Test func `a corpus beside the labels is learnt from too, and what is kept of its retrieval is told`() throws {
    let (train, test) = try labelledFiles()
    let outcome = try laboratory.run([
      "evaluate", "classify", "--train", train, "--test", test, "--beside", try beirFolder(), "--method",
      "mcr2,contrast", "--dimensions", "16", "--bits", "4", "--steps", "60", "--repeat", "2", "--model", model,
      "--json",
    ])
    let results = try outcome.results()
    #expect(outcome.remarks.contains("training contrast on the labels of a, 16 dimensions: 60 in"))
    #expect(results.map { $0["method"] as? String } == ["mcr2", "contrast"])
    for result in results {
      #expect((0...1.1).contains(try #require(result["retrieval_kept"] as? Double)))
      #expect((result["label_map_by_seed"] as? [Double])?.count == 2)
      #expect(result["label_map_sd"] as? Double != nil)
    }
    #expect(try #require(results[0]["retrieval_kept"] as? Double) > 0.8)
  }

  @Test func `what an ablation leaves out changes the projector, and its steps are told`() throws {
    let arguments = [
      "evaluate", "retrieval", try beirFolder(), "--method", "mcr2", "--dimensions", "8", "--bits", "1", "--steps",
      "40", "--model", model, "--json",
    ]
    let figures = try [[], ["--rate-weight", "0"], ["--distillation-weight", "0"], ["--pseudo-queries", "1"]].map {
      let outcome = try laboratory.run(arguments + $0)
      #expect(outcome.remarks.contains("training subjects, 8 dimensions: 40 in"), "\(outcome.remarks)")
      return try outcome.results()[0]
    }
    for figure in figures { #expect(figure["method"] as? String == "mcr2") }
    let kept = try figures.map { try #require($0["kept"] as? Double) }
    #expect(Set(kept).count > 1, "\(kept)")
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
