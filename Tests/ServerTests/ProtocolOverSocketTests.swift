import FumikuraClient
import FumikuraProtocol
import Glibc
import ProtocolFixtures
import Server
import ServerFixtures
import Testing

@Suite("Over a real socket")
struct ProtocolOverSocketTests {
  @Test("every method's reply keeps the schema that rpc.discover gives for it")
  func schemas() throws {
    let server = try RunningServer()
    let client = try server.client()
    let parameters: [String: [JSON]] = [
      "search": [["query": "温泉"], ["query": "say 0", "mode": "keyword", "wait_for_sync_ms": 10]],
      "similar": [["text": "a"], ["path": "/srv/a"], ["text": "nothing"]],
      "index.files": [[:], ["cursor": "4"]],
      "index.why": [["path": "/srv/a"], ["path_b64": "L3Ny/w=="], ["path": "/srv/none"]],
    ]
    let document = try client.call(.discover, DiscoverParameters())
    #expect(document == API.document)
    for method in document.methods {
      for given in parameters[method.name] ?? [[:]] {
        #expect(SchemaValidator().problems(of: given, against: method.parameters) == [], "\(method.name)")
        let result = try client.call(method.name, given)
        #expect(SchemaValidator().problems(of: result, against: method.result) == [], "\(method.name) \(result.text)")
      }
    }
  }

  @Test("every error keeps the schema that rpc.discover gives for errors, and is one that it lists")
  func errors() throws {
    let server = try RunningServer()
    let client = try server.client()
    let document = try client.call(.discover, DiscoverParameters())
    let lines = [
      "{", "7", #"{"jsonrpc":"2.0","id":1,"method":"nope"}"#, #"{"jsonrpc":"2.0","id":1,"method":"search"}"#,
      #"{"jsonrpc":"2.0","id":1,"method":"search","params":{"query":"fail"}}"#,
      #"{"jsonrpc":"2.0","id":1,"method":"search","params":{"query":"break"}}"#,
      #"{"jsonrpc":"2.0","id":1,"method":"search","params":{"query":"say 17000000"}}"#,
      #"{"jsonrpc":"2.0","id":1,"method":"similar","params":{"path":"/srv/none"}}"#,
    ]
    for line in lines {
      try client.send(line)
      let error = try #require(try client.receive()["error"])
      #expect(SchemaValidator().problems(of: error, against: document.error) == [], "\(line)")
      let known = document.errors.contains {
        .string($0.kind) == error["data"]?["kind"] && .integer($0.code) == error["code"]
      }
      #expect(known, "\(error.text)")
    }
  }

  @Test("an error of the service reaches the client whole; an error inside reaches nobody's eyes but the log's")
  func serviceErrors() throws {
    let server = try RunningServer()
    let client = try server.client()
    #expect { try client.call(.search, SearchParameters(query: "fail")) } throws: { error in
      guard case .service(let error)? = error as? ClientError else { return false }
      return error == .unavailable("the model is still loading", retryAfter: .milliseconds(250))
    }
    #expect { try client.call(.search, SearchParameters(query: "break")) } throws: { error in
      guard case .service(let error)? = error as? ClientError else { return false }
      return error == .internalError
    }
  }

  @Test("malformed lines are answered one by one, and what follows them still works")
  func malformed() throws {
    let server = try RunningServer()
    let client = try server.client()
    let deep = String(repeating: "[", count: 100_000)
    for line in ["{", deep, "\"\u{0}\"", "{\"a\":1e999999}", "{\"a\":\(String(repeating: "9", count: 9_999))}"] {
      try client.send(line)
      #expect(try client.receive()["error"]?["code"] == -32700)
    }
    try client.send(line: [0x7B, 0x22, 0xFF, 0x22, 0x7D])
    #expect(try client.receive()["error"]?["data"]?["position"] == 2)
    #expect(try client.call(.search, SearchParameters(query: "still here")).hits.first?.snippet.text == "still here")
  }

  @Test("a line of 1 MiB is taken; one byte more is refused and ends the connection")
  func longLine() throws {
    let server = try RunningServer()
    let request = #"{"jsonrpc":"2.0","id":1,"method":"health"}"#
    let padding = String(repeating: " ", count: ProtocolLimits.requestBytes - request.utf8.count)
    let client = try server.client()
    try client.send(request + padding)
    #expect(try client.receive()["result"]?["status"] == "degraded")
    try client.send(request + padding + " ")
    #expect(try client.receive()["error"]?["data"]?["kind"] == "line_too_long")
    #expect(client.isClosed())
  }

  @Test("an endless line ends the connection while it is still being sent")
  func endlessLine() throws {
    let server = try RunningServer()
    let client = try server.client()
    let chunk = [UInt8](repeating: UInt8(ascii: "a"), count: 1 << 20)
    #expect(throws: ClientError.self) {
      for _ in 0..<1000 { try client.send(bytes: chunk) }
    }
    #expect(try client.receive()["error"]?["data"]?["kind"] == "line_too_long")
  }

  @Test("a line that does not end in time ends the connection, also where it grows byte by byte")
  func halfLine() throws {
    let server = try RunningServer { $0.lineDeadline = .milliseconds(60) }
    let client = try server.client()
    // An idle connection has no deadline.
    #expect(try client.call(.health, HealthParameters()).isReady)
    try client.send(bytes: Array("{\"jsonrpc\"".utf8))
    #expect(try client.receive()["error"]?["data"]?["kind"] == "unfinished_line")
    #expect(client.isClosed())
    let trickling = try server.client()
    #expect(throws: ClientError.self) {
      var byte = UInt8(ascii: "{")
      // Each byte waits a little for an answer that must come in the end: poll is the clock.
      for _ in 0..<2000 {
        try trickling.send(bytes: [byte])
        byte = UInt8(ascii: " ")
        var wait = pollfd(fd: trickling.descriptor, events: Int16(POLLIN), revents: 0)
        if poll(&wait, 1, 5) > 0 { throw ClientError.disconnected }
      }
    }
    #expect(try trickling.receive()["error"]?["data"]?["kind"] == "unfinished_line")
  }

  @Test("a batch is answered by one line")
  func batch() throws {
    let server = try RunningServer()
    let client = try server.client()
    let requests = (0..<64).map { #"{"jsonrpc":"2.0","id":\#($0),"method":"search","params":{"query":"q\#($0)"}}"# }
    try client.send("[\(requests.joined(separator: ","))]")
    let replies = try #require(try client.receive().array)
    #expect(Set(replies.compactMap { $0["id"]?.integer }) == Set(0..<64))
    for reply in replies {
      let text = reply["result"]?["hits"]?.array?.first?["snippet"]?["text"]?.string
      #expect(text == "q\(reply["id"]?.integer ?? -1)")
    }
  }

  @Test("a client that has ended its sending still gets all replies, then the end")
  func halfClose() throws {
    let server = try RunningServer()
    let client = try server.client()
    try client.send(#"{"jsonrpc":"2.0","id":1,"method":"search","params":{"query":"wait"}}"#)
    try client.send(bytes: Array(#"{"jsonrpc":"2.0","id":2,"method":"health"}"#.utf8))
    client.finishSending()
    #expect(try client.receive()["id"] == 2)
    #expect(server.service.gate.waitForArrivals())
    server.service.gate.open()
    #expect(try client.receive()["id"] == 1)
    #expect(client.isClosed())
  }

  @Test("progress comes to who asks for it, before the reply")
  func progress() throws {
    let server = try RunningServer()
    let client = try server.client()
    var news: [ProgressParameters] = []
    let reply = try client.call(.sync, SyncParameters(wantsProgress: true)) { news.append($0) }
    #expect(reply.epoch == 3)
    #expect(news.map(\.progress) == [0.25] && news.map(\.message) == ["1 of 4"])
    try client.send(#"{"jsonrpc":"2.0","id":9,"method":"sync"}"#)
    #expect(try client.receive()["id"] == 9, "who does not ask gets the reply alone")
  }
}
