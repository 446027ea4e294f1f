import Evaluation
import Foundation
import SystemPackage
import Testing

@Suite("Data sets")
struct DatasetTests {
  private func beir(
    corpus: String = #"{"_id":"d1","title":"Ice","text":"Frozen water."}"# + "\n" + #"{"_id":"d2","text":"Steam."}"#
      + "\n",
    queries: String = #"{"_id":"q1","text":"cold"}"# + "\n" + #"{"_id":"q2","text":"hot","metadata":{}}"# + "\n",
    qrels: String = "query-id\tcorpus-id\tscore\nq1\td1\t2\nq2\td2\t1\nq2\td1\t0\n", qrelsName: String = "qrels.tsv"
  ) throws -> (folder: TemporaryFolder, read: () throws -> RetrievalDataset) {
    let folder = try TemporaryFolder()
    try folder.write(corpus, "corpus.jsonl")
    try folder.write(queries, "queries.jsonl")
    try folder.write(qrels, qrelsName)
    return (folder, { try RetrievalDataset(folder: folder.path) })
  }

  @Test func `a BEIR folder is read in its own order`() throws {
    let (folder, read) = try beir()
    let dataset = try read()
    #expect(dataset.name == folder.path.lastComponent?.string)
    #expect(dataset.passages.map(\.titleAndText) == ["Ice Frozen water.", "Steam."])
    #expect(dataset.queries.map(\.id) == ["q1", "q2"])
    #expect(dataset.queries[0].judgements == Judgements(gains: [0: 2]))
    #expect(dataset.queries[1].judgements == Judgements(gains: [0: 0, 1: 1]))
    #expect(dataset.warnings == [])
  }

  @Test func `BEIR's own place for judgements and a file without a header are read too`() throws {
    let (folder, read) = try beir(qrels: "q1\td1\t1\r\n", qrelsName: "qrels/test.tsv")
    #expect(try read().queries.map(\.id) == ["q1"])
    withExtendedLifetime(folder) {}
  }

  @Test func `judgements of strangers are told and do not stop the reading`() throws {
    let (folder, read) = try beir(qrels: "q1\td1\t1\nq1\td9\t1\nq7\td1\t1\nq2\td1\t0\n")
    let dataset = try read()
    #expect(dataset.queries.map(\.id) == ["q1"])
    #expect(dataset.queries[0].judgements.unretrievable == [1])
    #expect(dataset.warnings.count == 3)
    withExtendedLifetime(folder) {}
  }

  @Test func `a bad line is named with its file, line, what was got and what was expected`() throws {
    let cases:
      [(
        file: String, line: Int, expected: String,
        () throws -> (folder: TemporaryFolder, read: () throws -> RetrievalDataset)
      )] = [
        (
          "corpus.jsonl", 2, "strings",
          { try beir(corpus: #"{"_id":"d1","text":"a"}"# + "\n" + #"{"_id":7,"text":"b"}"#) }
        ),
        ("corpus.jsonl", 1, "strings", { try beir(corpus: "not JSON\n") }),
        (
          "corpus.jsonl", 2, "line 1 has “d”",
          { try beir(corpus: String(repeating: #"{"_id":"d","text":"a"}"# + "\n", count: 2)) }
        ),
        ("queries.jsonl", 1, "strings", { try beir(queries: #"{"_id":"q1"}"#) }),
        ("qrels.tsv", 3, "tab", { try beir(qrels: "query-id\tcorpus-id\tscore\nq1\td1\t1\nq1 0 d1 1\n") }),
        ("qrels.tsv", 2, "a number", { try beir(qrels: "q1\td1\t1\nq1\td2\tyes\n") }),
      ]
    for (file, line, expected, make) in cases {
      let (folder, read) = try make()
      let error = try #require(throws: EvaluationError.self) { try read() }
      guard case .malformed(let got, let gotLine, _, let gotExpected) = error else {
        Issue.record("\(error) is not about a line")
        continue
      }
      #expect(got == folder.path.appending(file))
      #expect(gotLine == line)
      #expect(gotExpected.contains(expected), "\(gotExpected)")
      #expect(error.description.hasPrefix("\(got):\(line): got “"))
    }
  }

  @Test func `a missing file and an empty one are named`() throws {
    let folder = try TemporaryFolder()
    #expect(throws: EvaluationError.self) { try RetrievalDataset(folder: folder.path) }
    let empty = try folder.write("", "sts.tsv")
    #expect(throws: EvaluationError.empty(file: empty, expected: "two pairs at least")) {
      try SimilarityDataset(file: empty)
    }
    #expect(throws: EvaluationError.empty(file: empty, expected: "a label, tab, text a line")) {
      try LabelledDataset(file: empty)
    }
  }

  @Test func `sentence pairs are read, and a line with two fields is refused`() throws {
    let folder = try TemporaryFolder()
    let good = try folder.write("\u{FEFF}4.5\ta cat\tthe cat\r\n0\t犬\t猫\n", "animals.tsv")
    let dataset = try SimilarityDataset(file: good)
    #expect(dataset.name == "animals")
    #expect(dataset.pairs.map(\.score) == [4.5, 0])
    #expect(dataset.pairs.map(\.second) == ["the cat", "猫"])
    let bad = try folder.write("1\ta\tb\n2\ta b\n", "bad.tsv")
    #expect(
      throws: EvaluationError.malformed(
        file: bad, line: 2, got: "2\ta b", expected: "a number, tab, sentence, tab, sentence")
    ) { try SimilarityDataset(file: bad) }
  }

  @Test func `labelled texts may hold tabs, and need a label`() throws {
    let folder = try TemporaryFolder()
    let dataset = try LabelledDataset(file: try folder.write("x\tone\ttwo\ny\tthree\n", "a.train.tsv"))
    #expect(dataset.name == "a.train")
    #expect(dataset.labels == ["x", "y"])
    #expect(dataset.texts == ["one\ttwo", "three"])
    let bad = try folder.write("x\tone\n\tno label\n", "bad.tsv")
    #expect(
      throws: EvaluationError.malformed(file: bad, line: 2, got: "\tno label", expected: "a label, tab, text")
    ) { try LabelledDataset(file: bad) }
  }

  @Test func `bytes that are not UTF-8 are refused with their line`() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write(Data("1\ta\tb\n".utf8) + Data([0x32, 0x09, 0xFF, 0x09, 0x62, 0x0A]), "latin.tsv")
    let error = try #require(throws: EvaluationError.self) { try SimilarityDataset(file: file) }
    #expect(error.description.hasPrefix("\(file):2: got “2\t\u{FFFD}\tb”, expected UTF-8"))
  }

  /// Counts from the data's own README.
  @Test func `the shared sets have the sizes that their README says`() throws {
    guard let data = try SharedData.data("retrieval") else { return }
    for (name, passages, queries, judgements) in [
      ("scifact", 5183, 300, 339), ("cranfield", 1400, 225, 1612), ("jaquad", 1431, 1000, 1000),
      ("jsquad", 1145, 1000, 1000),
    ] {
      let dataset = try RetrievalDataset(folder: data.appending(name))
      #expect(dataset.passages.count == passages, "\(name)")
      #expect(dataset.queries.count == queries, "\(name)")
      #expect(dataset.queries.reduce(0) { $0 + $1.judgements.relevantCount } == judgements, "\(name)")
      #expect(dataset.warnings == [])
    }
    let folder = data.removingLastComponent()
    for (name, rows) in [
      ("stsb-nomsr.test", 879), ("stsb-nomsr.dev", 1000), ("sickr.test", 4927), ("jsts.valid", 1457),
    ] {
      #expect(try SimilarityDataset(file: folder.appending("sts").appending("\(name).tsv")).pairs.count == rows)
    }
    for (name, rows, classes) in [
      ("banking77.train", 10003, 77), ("20news.test", 1000, 20), ("sib200-ja.test", 204, 7),
    ] {
      let dataset = try LabelledDataset(file: folder.appending("classify").appending("\(name).tsv"))
      #expect(dataset.texts.count == rows)
      #expect(Set(dataset.labels).count == classes)
    }
  }
}
