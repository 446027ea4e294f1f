import FumikuraProtocol
import Testing

@Suite("Replies")
struct ReplyTests {
  @Test("Absent is null: never left out, never an empty string")
  func absent() {
    let hit = Hit(
      path: WirePath("/srv/a.txt"), share: "documents", score: 0.5, snippet: Snippet(text: "", highlights: []),
      heading: "", type: "text", passageID: 7, isStale: false)
    #expect(
      hit.json.text == """
        {"path":"/srv/a.txt","path_b64":null,"share":"documents","score":0.5,"semantic_score":null,\
        "keyword_score":null,"snippet":{"text":"","highlights":[]},"page":null,"heading":null,"title":null,\
        "modified":null,"type":"text","size":null,"passage_id":7,"stale":false}
        """)
  }

  @Test("Highlights are pairs")
  func highlights() throws {
    let snippet = Snippet(text: "an apple", highlights: [Highlight(start: 3, length: 5)])
    #expect(snippet.json == ["text": "an apple", "highlights": [[3, 5]]])
    #expect(try Snippet.decode(snippet.json) == snippet)
    #expect(throws: WireMismatch.self) { try Snippet.decode(["text": "a", "highlights": [[3]]]) }
  }

  @Test("A client passes over members it does not know, and reads a null for one it misses")
  func lenient() throws {
    let reply = try SyncReply.decode(["epoch": 1, "took_ms": 2, "new": true])
    #expect(reply == SyncReply(epoch: 1, tookMilliseconds: 2))
    let status = try IndexStatusReply.decode(["shares": []])
    #expect(status == IndexStatusReply(shares: []))
  }

  @Test("A reply that cannot be read says where")
  func unreadable() {
    let json: JSON = ["shares": [["name": "a"]]]
    #expect { try IndexStatusReply.decode(json) } throws: { "\($0)".contains("shares.path") }
  }

  @Test("An error goes over the wire and comes back")
  func errors() {
    let errors: [ServiceError] = [
      .busy("b", retryAfter: .milliseconds(150)), .cancelled, .internalError, .notFound("n", hint: "h", parameter: "p"),
      .parseError(JSONSyntaxError("x", at: 3)),
    ]
    for error in errors { #expect(ServiceError(json: error.json) == error) }
    #expect(ServiceError.busy("b", retryAfter: .seconds(2)).json["data"]?["retry_after_ms"] == 2000)
  }
}
