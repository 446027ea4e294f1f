import Foundation
import SystemPackage
import Testing

@Suite("fumi model distill")
struct DistillTests {
  private let laboratory: Laboratory

  init() throws { laboratory = try Laboratory() }

  private func run(_ arguments: [String], input: Data = Data()) throws -> Laboratory.Outcome {
    try laboratory.run(arguments, input: input, environment: ["FUMIKURA_MODELS": laboratory.folder.path.string])
  }

  /// Imports a transformer of a few thousand weights and writes a corpus of its words.
  private func prepare() throws -> String {
    let archive = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "SentenceEncoderTests/Golden/models/bert-mean-f32.zip").path
    let imported = try run(["model", "import", archive, "--name", "teacher"])
    try #require(imported.status == 0, "\(imported.remarks)")
    let words = ["the", "cat", "sat", "dog", "sings", "a", "song", "in", "it", "on"]
    let lines = (0..<60).map { line in
      (0..<12).map { words[(line * 7 + $0 * (line % 5 + 1)) % words.count] + ($0 % 5 == 4 ? "." : "") }
        .joined(separator: " ")
    }
    return try laboratory.folder.write(lines.joined(separator: "\n") + "\n", "corpus.txt").string
  }

  private func distil(_ corpus: String, _ name: String, seed: Int = 1, _ more: [String] = []) throws
    -> Laboratory.Outcome
  {
    try run(
      [
        "model", "distill", corpus, "--to", "static", "--from", "teacher", "--name", name, "--steps", "20",
        "--dimensions", "16", "--seed", "\(seed)",
      ] + more)
  }

  @Test
  func `a student is made, says what it costs, and serves wherever a model does; the same seed gives the same file`()
    throws
  {
    let corpus = try prepare()
    let made = try distil(corpus, "student", ["--json"])
    let report = try made.object()
    let held = try #require(report["held_out"] as? [String: Any])
    #expect(report["passages"] as? Int == 60 && held["passages"] as? Int == 3, "\(report)")
    #expect(held["cosine"] is Double && held["kept"] is Double && held["kept_unfitted"] is Double)

    func bytes(_ name: String) throws -> Data {
      try Data(contentsOf: URL(filePath: laboratory.folder.path.appending("\(name).fmodel").string))
    }
    let first = try bytes("student")
    let again = try distil(corpus, "student")
    #expect(again.status == 0 && again.text.contains("cosine to the teacher"), "\(again.text)\(again.remarks)")
    #expect(try bytes("student") == first)
    _ = try distil(corpus, "student", seed: 2)
    #expect(try bytes("student") != first)

    let shown = try run(["model", "show", "student"])
    for words in ["static: no layers", #""teacher""#, "16", "wordpiece"] {
      #expect(shown.text.contains(words), "\(words): \(shown.text)")
    }
    #expect(try run(["model", "list"]).text.contains("static"))
    #expect(try run(["model", "verify", "student"]).text.contains("whole"))
    let vectors = try run(["embed", "--model", "student"], input: Data("the cat\n\ndog\n".utf8))
    #expect(vectors.output.count == 3 * 16 * 4)
    let bench = try run(["bench", "encode", "--model", "student", "--file", corpus, "--query", "1", "--json"]).object()
    #expect(try #require(bench["tokens_per_s"] as? Double) > 0)
  }

  @Test func `what cannot be distilled is named, and leaves nothing`() throws {
    let corpus = try prepare()
    let few = try laboratory.folder.write("the cat\nthe dog\n", "few.txt").string
    _ = try distil(corpus, "student")
    for (arguments, words) in [
      ([corpus, "--to", "llama", "--name", "a"], "llama"),
      ([corpus, "--to", "static", "--name", "a/b"], "without a slash"),
      ([corpus, "--to", "static", "--name", "a", "--steps", "0"], "got 0, expected 1 or more"),
      ([corpus, "--to", "static", "--name", "a", "--dimensions", "500"], "at most the teacher's"),
      (
        ["/nowhere", "--to", "static", "--name", "a", "--dimensions", "8"], "/nowhere: there is no such file or folder"
      ),
      ([few, "--to", "static", "--name", "a", "--dimensions", "8"], "got 2 passages, expected 20 or more"),
      ([corpus, "--to", "static", "--name", "a", "--from", "student", "--dimensions", "8"], "a static model"),
    ] {
      let from = arguments.contains("--from") ? [] : ["--from", "teacher"]
      let refused = try run(["model", "distill"] + arguments + from)
      #expect(refused.status == 2 && refused.remarks.contains(words), "\(words): \(refused.remarks)")
    }
    let models = try FileManager.default.contentsOfDirectory(atPath: laboratory.folder.path.string)
      .filter { $0.contains("fmodel") }.sorted()
    #expect(models == ["student.fmodel", "teacher.fmodel"])
  }
}
