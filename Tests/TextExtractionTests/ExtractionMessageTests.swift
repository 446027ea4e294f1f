import Testing
import TextExtraction

@Suite("Messages between pool and worker")
struct ExtractionMessageTests {
  private let replies: [ExtractionMessage.Reply] = [
    .ready, .unable("why"), .outcome(.skipped(reason: "binary", detail: nil), number: 7),
    .outcome(.failed(reason: "malformed", detail: "日本"), number: .max),
    .outcome(
      .text(
        ExtractedText(
          type: "pdf", title: "題",
          blocks: [
            Block(kind: .heading(level: 2), text: "見出し", page: 1), Block(kind: .paragraph, text: "a", page: 2),
            Block(kind: .listItem, text: "b"), Block(kind: .tableRow, text: "c | d"),
            Block(kind: .code, text: " e\n f"),
          ], partial: "limit")), number: 1),
  ]

  @Test("what is written is read back")
  func roundTrip() throws {
    for reply in replies {
      #expect(try ExtractionMessage.Reply(decoding: Array(reply.encoded().dropFirst(4))) == reply)
    }
    let request = ExtractionMessage.Request(number: 5, milliseconds: 8000, name: Array("a\u{FF}".utf8))
    #expect(try ExtractionMessage.Request(decoding: Array(request.encoded().dropFirst(4))) == request)
  }

  @Test("a reply cut anywhere, or with a byte more, is refused")
  func cut() {
    for reply in replies {
      let whole = Array(reply.encoded().dropFirst(4))
      for length in 0..<whole.count {
        #expect(throws: MalformedMessage.self) { try ExtractionMessage.Reply(decoding: Array(whole.prefix(length))) }
      }
      #expect(throws: MalformedMessage.self) { try ExtractionMessage.Reply(decoding: whole + [0]) }
    }
  }

  @Test("random changes give a reply or an error, never a trap")
  func fuzz() {
    let seed = UInt64.random(in: 0...UInt64.max)
    print("seed \(seed)")
    var random = SeededGenerator(seed)
    var refused = 0
    for _ in 0..<20_000 {
      var bytes = Array(replies.randomElement(using: &random)!.encoded().dropFirst(4))
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        bytes[bytes.indices.randomElement(using: &random)!] = UInt8.random(in: 0...255, using: &random)
      }
      if (try? ExtractionMessage.Reply(decoding: bytes)) == nil { refused += 1 }
    }
    #expect(refused > 1000)
  }

  @Test("a reason must be a plain word")
  func words() {
    let bad = ExtractionMessage.Reply.outcome(.failed(reason: "Drop Table", detail: nil), number: 1)
    #expect(throws: MalformedMessage.self) { try ExtractionMessage.Reply(decoding: Array(bad.encoded().dropFirst(4))) }
  }
}
