import Evaluation
import Foundation
import LinearAlgebra
import RateReduction
import SentenceEncoder
import SystemPackage
import Testing

@Suite("Distilling a static student", .serialized)
struct StudentDistillationTests {
  private static func model() throws -> EncoderModel {
    let root = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
    let path =
      ProcessInfo.processInfo.environment["FUMIKURA_MODEL"] ?? root.appending("models/all-MiniLM-L6-v2.fmodel").string
    try #require(
      FileManager.default.fileExists(atPath: path),
      "no model at \(path): run scripts/fetch-model, or name the file in FUMIKURA_MODEL")
    return try EncoderModel(contentsOf: FilePath(path))
  }

  @Test
  func `fitted to a few hundred real passages, it answers for held-out ones far better than unfitted, and encodes`()
    throws
  {
    guard let data = try SharedData.data("corpus") else { return }
    let teacher = try Self.model()
    let lines = try TextLines(contentsOf: data.appending("en.txt")).lines
    let passages = stride(from: 0, to: 400 * 41, by: 41).map { (title: "", text: lines[$0]) }
    let encoder = try EncoderChoice(teacher).encoder
    var options = StudentOptions(seed: 2)
    options.steps = 120
    options.batch = 128
    let distilled = try StudentDistillation(options: options).distil(
      teacher: teacher, passages: passages, encode: { texts, role, _ in try encoder.encode(texts, as: role) })
    print("unfitted \(distilled.unfitted), fitted \(distilled.cost)")
    #expect(distilled.cost.passages == 20 && distilled.cost.queries > 40)
    #expect(distilled.cost.teacherNDCG == distilled.unfitted.teacherNDCG)
    let (cosine, before) = (try #require(distilled.cost.cosine), try #require(distilled.unfitted.cosine))
    #expect(cosine > before + 0.1)
    #expect(try #require(distilled.cost.kept) > #require(distilled.unfitted.kept))

    let folder = try TemporaryFolder()
    let file = folder.path.appending("student.fmodel")
    try teacher.writeStatic(tokenVectors: distilled.tokenVectors, to: file, name: "student")
    let student = try EncoderModel(contentsOf: file)
    let rows = try EncoderChoice(student).encoder.encode(passages.map(\.text) + ["", "\u{0}"], as: .passage)
    #expect(rows.columns == 256 && rows.firstNonFinite == nil)
    // A text of nothing has a direction too, that of the corpus.
    #expect(abs(rows.row(400).reduce(0) { $0 + $1 * $1 } - 1) < 1e-4)
    // A student is no teacher.
    #expect(throws: RateReductionError.self) {
      try StudentDistillation(options: options).distil(
        teacher: student, passages: passages, encode: { texts, role, _ in try encoder.encode(texts, as: role) })
    }
  }

  @Test func `too few passages are refused, and a fitting that is called off ends with its step`() throws {
    let teacher = try Self.model()
    let encoder = try EncoderChoice(teacher).encoder
    let passages = (0..<24).map { (title: "part \($0)", text: "The number \($0) is followed by \($0 + 1).") }
    func distil(_ count: Int) throws {
      _ = try StudentDistillation(options: StudentOptions(dimensions: 16)).distil(
        teacher: teacher, passages: Array(passages.prefix(count)),
        encode: { texts, role, _ in try encoder.encode(texts, as: role) }, progress: { _ in false })
    }
    #expect(throws: RateReductionError.invalid(what: "the corpus", got: "19 passages", expected: "20 or more")) {
      try distil(19)
    }
    #expect(throws: RateReductionError.cancelled(step: 0)) { try distil(24) }
  }

  @Test func `a student encodes the corpus that it was made of and its queries, as it would from its file`() throws {
    let teacher = try Self.model()
    let encoder = try EncoderChoice(teacher).encoder
    let things = ["ship", "bread", "piano", "winter", "horse", "doctor", "river", "letter"]
    let passages = (0..<24).map {
      (title: "", text: "The \(things[$0 % 8]) and the \(things[($0 / 8 + $0 + 1) % 8]) in chapter \($0).")
    }
    var options = StudentOptions(dimensions: 64)
    options.steps = 5
    let vectors = try StudentDistillation(options: options).vectors(
      ofPassages: passages, queries: ["a piano", "The ship and the bread in chapter 0."], teacher: teacher,
      encode: { texts, role, _ in try encoder.encode(texts, as: role) })
    #expect(vectors.passages.rows == 24 && vectors.passages.columns == 64 && vectors.queries.rows == 2)
    let scores = vectors.queries.timesTransposed(vectors.passages)
    #expect(scores.row(1).indices.max { scores[1, $0] < scores[1, $1] } == 0)
    #expect(abs(scores[1, 0] - 1) < 1e-4, "the same text has the same vector, whether passage or query")
  }
}
