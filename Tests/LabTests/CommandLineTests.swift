import Foundation
import Testing

@Suite("What the laboratory refuses, and how")
struct CommandLineTests {
  private let laboratory: Laboratory

  init() throws { laboratory = try Laboratory() }

  @Test(arguments: [
    (["evaluate", "retrieval", "x", "--method", "pcaa"], "got “pcaa”, expected one of full, truncate, random, pca"),
    (["evaluate", "sts", "x", "--method", "static"], "static is distilled on a corpus of passages"),
    (["evaluate", "retrieval", "x", "--method", "opq"], "got --bits 32 (float), expected 8, 4, 2 or 1"),
    (["evaluate", "retrieval", "x", "--distractors", "y"], "--distractors is for --pooled"),
    (["evaluate", "retrieval", "x", "--rescorer", "wide"], "--rescorer is for --two-stage"),
    (["evaluate", "retrieval", "x", "--two-stage", "--rescorer", "float"], "'source' and 'wide'"),
    (["evaluate", "retrieval", "x", "--candidates", "7"], "--candidates is for --two-stage"),
    (["evaluate", "retrieval", "x", "--two-stage", "--candidates", "0"], "got 0, expected 1 or more"),
    (["evaluate", "retrieval", "x", "--method", "lda"], "got “lda”, expected one of full"),
    (["evaluate", "retrieval", "x", "--steps", "0"], "--steps: got 0, expected 1 or more"),
    (["evaluate", "retrieval", "x", "--rate-weight=-1"], "--rate-weight: got -1.0, expected 0 or more"),
    (["evaluate", "retrieval", "x", "--pseudo-queries", "0"], "--pseudo-queries: got 0, expected 1 or more"),
    (
      ["evaluate", "retrieval", "x", "--rate-weight", "0", "--distillation-weight", "0"], "leaves nothing to train by"
    ),
    (["evaluate", "retrieval", "x", "--repeat", "0"], "got 0, expected 1 or more"),
    (["evaluate", "retrieval", "x", "--mode", "magic"], "one of 'semantic', 'keyword' or 'hybrid'"),
    (["evaluate", "retrieval", "x", "--bits", "3"], "got “3”, expected 32 (float), 8, 4, 2 or 1"),
    (["evaluate", "retrieval", "x", "--dimensions", "64,many"], "got “many”, expected 1 to 2048"),
    (["evaluate", "retrieval", "x", "--path", "quick"], "one of 'reference' and 'fast'"),
    (["evaluate", "retrieval"], "folders"),
    (["evaluate", "sts", "x", "--method", "mcr2"], "mcr2 learns from a corpus of passages"),
    (["bench", "scan", "--bits", "5"], "got 5, expected 8, 4, 2 or 1"),
    (["bench", "scan", "--kernel", "sse9"], "got sse9, expected scalar, avx2"),
    (["bench", "scan", "--allowed", "2"], "got 2.0, expected 0 to 1"),
    (["bench", "search", "--passages", "10"], "got 10, expected 1000 to"),
    (["bench", "train", "--dimensions", "500"], "got 500, expected at most the source's 384"),
    (["nonsense"], "nonsense"),
  ]) func `a wrong argument is named with what was expected, and the exit is 2`(arguments: [String], words: String)
    throws
  {
    let outcome = try laboratory.run(arguments)
    #expect(outcome.status == 2)
    #expect(outcome.output.isEmpty)
    #expect(outcome.remarks.contains(words), "\(outcome.remarks)")
  }

  @Test func `a model that is nowhere is named with the places looked at and how to get one`() throws {
    let outcome = try laboratory.run(
      ["embed", "--model", "mini"], input: Data("a\n".utf8), environment: ["FUMIKURA_MODELS": "/nowhere"])
    #expect(outcome.status == 2)
    for words in ["no model “mini”", "mini.fmodel in /nowhere", "scripts/fetch-model", "fumi model import"] {
      #expect(outcome.remarks.contains(words), "\(outcome.remarks)")
    }
  }

  @Test func `a data set that is not there is named`() throws {
    let model = try Laboratory.model()
    let outcome = try laboratory.run(["evaluate", "retrieval", "/nowhere", "--model", model])
    #expect(outcome.status == 2)
    #expect(outcome.remarks.contains("/nowhere/corpus.jsonl: cannot be read"), "\(outcome.remarks)")
  }

  @Test(arguments: [
    [], ["evaluate"], ["evaluate", "retrieval"], ["bench", "scan"], ["bench", "search"], ["model", "import"],
    ["extract"], ["profile"],
  ])
  func `every command teaches by --help`(command: [String]) throws {
    let outcome = try laboratory.run(command + ["--help"])
    #expect(outcome.status == 0)
    #expect(outcome.text.contains("USAGE: fumikura-lab"))
    #expect(outcome.remarks.isEmpty)
  }
}
