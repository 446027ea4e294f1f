import Evaluation
import SystemPackage
import Testing

@Suite("Corpora searched as one")
struct RetrievalCorpusTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func dataset(_ name: String, passages: Int) throws -> RetrievalDataset {
    let corpus = (0..<passages).map { #"{"_id": "p\#($0)", "title": "\#(name)", "text": "passage \#($0)"}"# }
    try folder.write(corpus.joined(separator: "\n"), "\(name)/corpus.jsonl")
    try folder.write(#"{"_id": "q", "text": "what is \#(name)?"}"#, "\(name)/queries.jsonl")
    try folder.write("q\tp1\t2\nq\tp0\t0\nq\telsewhere\t1\n", "\(name)/qrels.tsv")
    return try RetrievalDataset(folder: folder.path.appending(name))
  }

  @Test func `judgements count passages from the first of the pool`() throws {
    let sets = [try dataset("one", passages: 3), try dataset("two", passages: 2)]
    let others = try folder.write("a line\n\nanother line\n", "others.txt")
    let pool = try RetrievalCorpus(pooling: sets, distractors: [others])
    #expect(pool.name == "pooled")
    #expect(pool.passageCount == 7)
    #expect(pool.parts.map(\.name) == ["one", "two", "others.txt"])
    #expect(pool.parts[2].passages.map(\.titleAndText) == ["a line", "another line"])
    #expect(pool.parts[2].passages.map(\.id) == ["others.txt:1", "others.txt:3"])
    #expect(
      pool.judgements == [
        Judgements(gains: [1: 2, 0: 0], unretrievable: [1]), Judgements(gains: [4: 2, 3: 0], unretrievable: [1]),
      ])
    #expect(RetrievalCorpus(sets[1]).judgements == [Judgements(gains: [1: 2, 0: 0], unretrievable: [1])])
  }

  @Test func `a file without a line to search, or that is not there, is named`() throws {
    let sets = [try dataset("one", passages: 3)]
    let empty = try folder.write("\n\n", "empty.txt")
    #expect(throws: EvaluationError.empty(file: empty, expected: "a passage a line")) {
      try RetrievalCorpus(pooling: sets, distractors: [empty])
    }
    #expect(throws: EvaluationError.self) {
      try RetrievalCorpus(pooling: sets, distractors: [folder.path.appending("none.txt")])
    }
  }
}
