import Foundation
import Glibc
import SystemPackage
import Testing

@Suite("fumi model")
struct ModelTests {
  private let laboratory: Laboratory

  init() throws { laboratory = try Laboratory() }

  /// A model that sentence-transformers saved, small enough for a repository.
  private func archive(_ name: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "SentenceEncoderTests/Golden/models/\(name).zip").path
  }

  private func run(_ arguments: [String]) throws -> Laboratory.Outcome {
    try laboratory.run(
      ["model"] + arguments,
      environment: [
        "FUMIKURA_MODELS": laboratory.folder.path.string,
        "FUMIKURA_SOCKET": laboratory.folder.path.appending("nobody.sock").string,
      ])
  }

  @Test func `a model is imported, listed, shown, verified and removed`() throws {
    let imported = try run(["import", archive("bert-cls-dense-bf16"), "--name", "small", "--json"]).object()
    #expect(imported["name"] as? String == "small")
    #expect(imported["hidden_size"] as? Int == 32 && imported["dimensions"] as? Int == 20)

    let list = try run(["list"])
    #expect(list.text.contains("small") && list.text.contains("bert"), "\(list.text)")
    let shown = try run(["show", "small"])
    for words in [
      "bert: 2 layers, 4 heads, 32 and 48 wide", "gelu_tanh", "cls, then 20 by a dense layer (tanh)",
      "scaled to length 1", #"for queries "the query: ", for passages "the dog: ""#, "20 at most, of 24 positions",
      "wordpiece, 69 pieces", "from BF16",
    ] {
      #expect(shown.text.contains(words), "\(words): \(shown.text)")
    }
    let verified = try run(["verify"])
    #expect(verified.status == 0 && verified.text.contains("small.fmodel: whole"), "\(verified.text)")

    let unasked = try run(["remove", "small"])
    #expect(unasked.status == 2 && unasked.remarks.contains("--yes"), "\(unasked.remarks)")
    let removed = try run(["remove", "small", "--yes"])
    #expect(removed.status == 0 && removed.text.contains("removed"), "\(removed.remarks)")
    #expect(removed.remarks.contains("no daemon answers at"), "\(removed.remarks)")
    let none = try run(["list"])
    #expect(none.status == 1)
    let again = try run(["remove", "small", "--yes"])
    #expect(again.status == 2 && again.remarks.contains("no model “small”"), "\(again.remarks)")
  }

  @Test func `prompts are those of the configuration unless others are given, and stand before a text's tokens`() throws
  {
    _ = try run(["import", archive("bert-cls-dense-bf16"), "--name", "own"])
    _ = try run(["import", archive("bert-cls-dense-bf16"), "--name", "given", "--query-prompt", "cat "])
    func tokens(_ model: String, _ role: String) throws -> String {
      try laboratory.run(
        ["embed", "--tokens", "--model", model, "--role", role], input: Data("dog\n".utf8),
        environment: ["FUMIKURA_MODELS": laboratory.folder.path.string]
      ).text
    }
    let answers = try ["plain", "query", "passage"].map { role in
      [try tokens("own", role), try tokens("given", role)].map { $0.trimmingCharacters(in: .newlines) }
    }
    // [CLS] dog [SEP]; the query: dog; cat dog; the dog: dog.
    #expect(answers[0] == ["[2,10,3]", "[2,10,3]"])
    #expect(answers[1] == ["[2,8,32,63,47,60,67,42,10,3]", "[2,9,10,3]"])
    #expect(answers[2] == ["[2,8,10,42,10,3]", "[2,8,10,42,10,3]"])
  }

  @Test func `what cannot be imported is refused by name, and a damaged model is not whole`() throws {
    let text = try laboratory.folder.write("no model", "a.whl")
    let refused = try run(["import", text.string, "--name", "a"])
    #expect(refused.status == 2 && refused.remarks.contains("a zip archive"), "\(refused.remarks)")
    let nowhere = try run(["import", "/nowhere"])
    #expect(nowhere.status == 2 && nowhere.remarks.contains("/nowhere"), "\(nowhere.remarks)")
    let name = try run(["import", archive("bert-mean-f32"), "--name", "a/b"])
    #expect(name.status != 0 && name.remarks.contains("without a slash"), "\(name.remarks)")

    _ = try run(["import", archive("bert-mean-f32"), "--name", "whole"])
    let file = laboratory.folder.path.appending("whole.fmodel").string
    var bytes = try Data(contentsOf: URL(filePath: file))
    bytes[bytes.count - 100] ^= 1
    try FileManager.default.removeItem(atPath: file)
    try bytes.write(to: URL(filePath: file))
    let damaged = try run(["verify"])
    #expect(damaged.status == 2 && damaged.remarks.contains("is damaged"), "\(damaged.remarks)")
    bytes[8] = 1
    try bytes.write(to: URL(filePath: file))
    let old = try run(["show", "whole"])
    #expect(old.status == 2 && old.remarks.contains("was made by an older version"), "\(old.remarks)")
  }

  @Test func `the model that a running daemon uses is not removed`() throws {
    _ = try run(["import", archive("bert-mean-f32"), "--name", "used"])
    _ = try run(["import", archive("bert-mean-f32"), "--name", "other"])
    let socket = laboratory.folder.path.appending("nobody.sock")
    func remove(_ name: String) throws -> Laboratory.Outcome {
      unlink(socket.string)
      return try HealthySocket(socket, model: "used").answering { try run(["remove", name, "--yes"]) }
    }
    let folder = laboratory.folder.path.string
    let refused = try remove("used")
    #expect(refused.status == 2 && refused.remarks.contains("uses a model named used"), "\(refused.remarks)")
    #expect(FileManager.default.fileExists(atPath: folder + "/used.fmodel"))
    let removed = try remove("other")
    #expect(removed.status == 0 && removed.remarks.isEmpty, "\(removed.remarks)")
    #expect(!FileManager.default.fileExists(atPath: folder + "/other.fmodel"))
  }
}
