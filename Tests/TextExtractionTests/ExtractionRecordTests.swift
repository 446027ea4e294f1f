import Foundation
import Testing
import TextExtraction

@Suite("An outcome as JSON")
struct ExtractionRecordTests {
  private func json(_ outcome: ExtractionOutcome) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(ExtractionRecord(path: "a/b", outcome: outcome)), as: UTF8.self)
  }

  @Test("every key is there, and what is absent is null")
  func keys() throws {
    let text = ExtractedText(
      type: "html", title: "題",
      blocks: [
        Block(kind: .heading(level: 1), text: "a"), Block(kind: .listItem, text: "b"),
        Block(kind: .listItem, text: "c"),
      ], partial: "limit")
    #expect(
      try json(.text(text))
        == #"{"path":"a/b","reason":"limit","state":"partial","text":"a\n\nb\nc","title":"題","type":"html"}"#)
    #expect(
      try json(.skipped(reason: "binary", detail: "image"))
        == #"{"path":"a/b","reason":"binary","state":"skipped","text":null,"title":null,"type":null}"#)
    #expect(
      try json(.failed(reason: "deadline", detail: nil))
        == #"{"path":"a/b","reason":"deadline","state":"failed","text":null,"title":null,"type":null}"#)
    #expect(try json(.text(ExtractedText(type: "text", blocks: []))).contains(#""state":"indexed""#))
  }
}
