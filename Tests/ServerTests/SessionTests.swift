import FumikuraProtocol
import ProtocolFixtures
import Testing

@testable import Server

@Suite("A session")
struct SessionTests {
  /// What a test can say about an action: `run 1 search`, `send {…}`, `close` …
  private static func words(_ action: Session.Action) -> String {
    switch action {
    case .run(let ticket, let call): "run \(ticket) \(call.method)"
    case .cancel(let ticket): "cancel \(ticket)"
    case .send(let bytes): "send \(String(decoding: bytes, as: UTF8.self).dropLast())"
    case .lineBegan: "line began"
    case .lineEnded: "line ended"
    case .close: "close"
    }
  }

  private static func words(_ actions: [Session.Action]) -> [String] { actions.map(words) }

  private static func request(_ id: JSON, _ method: String, _ parameters: JSON = [:]) -> String {
    (["jsonrpc": "2.0", "id": id, "method": .string(method), "params": parameters] as JSON).text
  }

  private static func line(_ text: String) -> [UInt8] { Array((text + "\n").utf8) }

  private static func reply(_ action: Session.Action?) throws -> JSON {
    guard case .send(let bytes)? = action else {
      Issue.record("nothing is sent: \(action.map(words) ?? "no action")")
      return .null
    }
    #expect(bytes.last == UInt8(ascii: "\n"))
    return try JSONReader.read(bytes)
  }

  @Test("runs a call and sends its outcome under the request's id")
  func call() {
    var session = Session(isAdministrator: true)
    let begun = session.received(Self.line(Self.request("a", "health")))
    #expect(Self.words(begun) == ["run 1 health"])
    let ended = session.finished(1, .success(Array(#"{"x":1}"#.utf8)))
    #expect(Self.words(ended) == [#"send {"jsonrpc":"2.0","id":"a","result":{"x":1}}"#])
    #expect(session.finished(1, .success([])).isEmpty, "an outcome counts once")
  }

  @Test("sends replies as calls finish")
  func order() {
    var session = Session(isAdministrator: true)
    _ = session.received(Self.line(Self.request(1, "health")) + Self.line(Self.request(2, "health")))
    #expect(Self.words(session.finished(2, .success([0x32]))) == [#"send {"jsonrpc":"2.0","id":2,"result":2}"#])
    #expect(Self.words(session.finished(1, .success([0x31]))) == [#"send {"jsonrpc":"2.0","id":1,"result":1}"#])
  }

  @Test(
    "answers what is no call at once, and goes on",
    arguments: [
      ("{", -32700, "parse_error"), ("hello", -32700, "parse_error"), ("\u{0}", -32700, "parse_error"),
      (#"{"jsonrpc":"2.0","id":1,"method":"health""#, -32700, "parse_error"), ("7", -32600, "invalid_request"),
      ("[]", -32600, "invalid_request"), ("[[1]]", -32600, "invalid_request"),
      (#"{"jsonrpc":"2.0","id":1,"method":"nope"}"#, -32601, "unknown_method"),
      (#"{"jsonrpc":"2.0","id":1,"method":"health","params":{"x":1}}"#, -32602, "invalid_params"),
      (#"{"jsonrpc":"2.0","id":1,"method":"search"}"#, -32602, "invalid_params"),
      (#"{"jsonrpc":"2.0","id":1,"method":"search","params":["x"]}"#, -32602, "invalid_params"),
      (#"{"jsonrpc":"2.0","id":1,"method":"$/cancelRequest","params":{"id":1}}"#, -32601, "unknown_method"),
    ] as [(String, Int, String)])
  func malformed(text: String, code: Int, kind: String) throws {
    var session = Session(isAdministrator: true)
    let actions = session.received(Self.line(text))
    #expect(actions.count == 1)
    let json = try Self.reply(actions.first)
    let error = (json.array?.first ?? json)["error"]
    #expect(error?["code"] == .integer(code))
    #expect(error?["data"]?["kind"] == .string(kind))
    #expect(Self.words(session.received(Self.line(Self.request(2, "health")))) == ["run 1 health"])
  }

  @Test("names the byte that is not JSON")
  func position() throws {
    var session = Session(isAdministrator: true)
    let reply = try Self.reply(session.received(Self.line(#"{"a": nope}"#)).first)
    #expect(reply["id"] == .null)
    #expect(reply["error"]?["data"]?["position"] == 6)
  }

  @Test("passes over blank lines and takes CR LF")
  func blank() {
    var session = Session(isAdministrator: true)
    #expect(session.received(Array("\n\r\n  \n".utf8)).isEmpty)
    #expect(Self.words(session.received(Self.line(Self.request(1, "health") + "\r"))) == ["run 1 health"])
  }

  @Test("answers a batch with one line once all of it is done, and its notifications not at all")
  func batch() throws {
    var session = Session(isAdministrator: true)
    let notification = #"{"jsonrpc":"2.0","method":"health"}"#
    let batch =
      "[\(Self.request(1, "health")),\(notification),7,\(Self.request(2, "nope")),\(Self.request(3, "health"))]"
    let begun = session.received(Self.line(batch))
    #expect(Self.words(begun) == ["run 1 health", "run 2 health", "run 3 health"])
    #expect(session.finished(3, .success([0x33])).isEmpty)
    #expect(session.finished(2, .success([0x30])).isEmpty)
    let replies = try #require(try Self.reply(session.finished(1, .failure(.internalError)).first).array)
    #expect(replies.map { $0["id"] } == [.null, 2, 3, 1])
    #expect(replies.map { $0["error"]?["code"] } == [-32600, -32601, nil, -32603])
  }

  @Test("answers a batch of notifications with nothing")
  func batchOfNotifications() {
    var session = Session(isAdministrator: true)
    let notification = #"{"jsonrpc":"2.0","method":"health"}"#
    let begun = session.received(Self.line("[\(notification),\(notification)]"))
    #expect(begun.count == 2)
    #expect(session.finished(1, .success([])).isEmpty && session.finished(2, .failure(.cancelled)).isEmpty)
  }

  @Test("takes a batch of 64 and refuses one of 65")
  func batchSize() throws {
    var session = Session(isAdministrator: true, maximumInFlight: 64)
    let batch = { (count: Int) in
      "[" + (0..<count).map { Self.request(.integer($0), "health") }.joined(separator: ",") + "]"
    }
    #expect(session.received(Self.line(batch(64))).count == 64)
    let refused = try Self.reply(session.received(Self.line(batch(65))).first)
    #expect(refused["error"]?["code"] == -32600)
  }

  @Test("does the same however its bytes are cut")
  func chunks() {
    let seed = UInt64.random(in: 0...(.max))
    print("seed \(seed)")
    var random = SeededGenerator(seed: seed)
    let text = [
      Self.request(1, "health"), "{", "", Self.request("文庫", "search", ["query": "温泉"]), "[]",
      "[\(Self.request(3, "share.list"))]",
    ]
    let bytes = text.flatMap(Self.line)
    var whole = Session(isAdministrator: true)
    let expected = Self.words(whole.received(bytes))
    for _ in 0..<500 {
      var session = Session(isAdministrator: true)
      var actions: [String] = []
      var rest = bytes[...]
      while !rest.isEmpty {
        let count = Int.random(in: 1...min(rest.count, 40), using: &random)
        actions += Self.words(session.received(Array(rest.prefix(count))))
        rest = rest.dropFirst(count)
      }
      #expect(actions.filter { !$0.hasPrefix("line") } == expected)
      // Every line that is said to have begun is said to have ended, in turns.
      let lines = actions.filter { $0.hasPrefix("line") }
      #expect(lines.enumerated().allSatisfy { $1 == ($0 % 2 == 0 ? "line began" : "line ended") })
      #expect(lines.count % 2 == 0 && session.unfinishedBytes == 0)
    }
  }

  @Test("takes a line of the limit, refuses one byte more, and looks at nothing after it")
  func longLines() throws {
    var session = Session(isAdministrator: true, maximumLineBytes: 1000)
    let request = Self.request(1, "health")
    let padding = String(repeating: " ", count: 1000 - request.utf8.count)
    #expect(Self.words(session.received(Self.line(request + padding))) == ["run 1 health"])
    let actions = session.received(Self.line(request + padding + " "))
    let words = Self.words(actions)
    #expect(words.dropFirst() == ["cancel 1", "close"])
    let reply = try Self.reply(actions.first)
    #expect(reply["error"]?["code"] == -32600 && reply["error"]?["data"]?["kind"] == "line_too_long")
    #expect(session.received(Self.line(Self.request(2, "health"))).isEmpty)
    #expect(session.isClosed)
  }

  @Test("holds no more of an endless line than the limit")
  func endlessLine() {
    var session = Session(isAdministrator: true)
    let chunk = [UInt8](repeating: UInt8(ascii: "a"), count: 1 << 16)
    var most = 0
    var sent: [String] = []
    for _ in 0..<1000 {
      sent += Self.words(session.received(chunk))
      most = max(most, session.unfinishedBytes)
    }
    #expect(most <= ProtocolLimits.requestBytes)
    #expect(session.unfinishedBytes == 0)
    #expect(sent.count { $0.hasPrefix("send") } == 1 && sent.contains("close"))
  }

  @Test("says when a line begins and ends, and closes where it does not end in time")
  func halfLine() throws {
    var session = Session(isAdministrator: true)
    #expect(Self.words(session.received(Array("{".utf8))) == ["line began"])
    #expect(session.received(Array(" ".utf8)).isEmpty, "the deadline counts from the line's first byte")
    let next = session.received(Array("}\n{".utf8))
    #expect(Self.words(next).dropFirst() == ["line ended", "line began"])
    let expired = session.unfinishedLineExpired()
    #expect(try Self.reply(expired.first)["error"]?["data"]?["kind"] == "unfinished_line")
    #expect(Self.words(expired).last == "close")
    var whole = Session(isAdministrator: true)
    _ = whole.received(Self.line(Self.request(1, "health")))
    #expect(whole.unfinishedLineExpired().isEmpty, "a deadline that comes too late does nothing")
  }

  @Test("is busy beyond its calls in flight, and free again when one ends")
  func inFlight() throws {
    var session = Session(isAdministrator: true, maximumInFlight: 2)
    let lines = (1...3).flatMap { Self.line(Self.request(.integer($0), "health")) }
    let actions = session.received(lines)
    #expect(Self.words(actions).prefix(2) == ["run 1 health", "run 2 health"])
    let data = try Self.reply(actions.last)["error"]?["data"]
    #expect(data?["kind"] == "busy" && data?["retryable"] == true && data?["retry_after_ms"] == 100)
    _ = session.finished(1, .success([0x31]))
    #expect(Self.words(session.received(Self.line(Self.request(4, "health")))) == ["run 3 health"])
  }

  @Test("answers a cancelled call at once and once, and keeps its place until it has ended")
  func cancel() throws {
    var session = Session(isAdministrator: true, maximumInFlight: 1)
    _ = session.received(Self.line(Self.request(1, "health")))
    let other = #"{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":2}}"#
    #expect(session.received(Self.line(other)).isEmpty)
    let cancel = #"{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":1}}"#
    let actions = session.received(Self.line(cancel))
    #expect(Self.words(actions).first == "cancel 1")
    let reply = try Self.reply(actions.last)
    #expect(reply["id"] == 1 && reply["error"]?["code"] == -32800)
    #expect(session.received(Self.line(cancel)).isEmpty)
    #expect(session.callsInFlight == 1)
    #expect(session.finished(1, .success([0x31])).isEmpty)
    #expect(session.callsInFlight == 0)
  }

  @Test("sends progress of calls that run, and of no others")
  func progress() throws {
    var session = Session(isAdministrator: true)
    _ = session.received(Self.line(Self.request("s", "sync", ["progress": true])))
    let news = try Self.reply(session.progressed(1, fraction: 0.5, message: nil).first)
    #expect(
      news == ["jsonrpc": "2.0", "method": "$/progress", "params": ["id": "s", "progress": 0.5, "message": nil]])
    _ = session.finished(1, .success([0x31]))
    #expect(session.progressed(1, fraction: 1, message: nil).isEmpty)
  }

  @Test("serves a last line without a newline, and closes when all is answered")
  func inputEnds() {
    var session = Session(isAdministrator: true)
    _ = session.received(Array(Self.request(1, "health").utf8))
    #expect(Self.words(session.inputEnded()) == ["line ended", "run 1 health"])
    #expect(session.inputEnded().isEmpty)
    let words = Self.words(session.finished(1, .success([0x31])))
    #expect(words == [#"send {"jsonrpc":"2.0","id":1,"result":1}"#, "close"])
    var idle = Session(isAdministrator: true)
    #expect(Self.words(idle.inputEnded()) == ["close"])
  }

  @Test("drains: what runs is finished, nothing new is begun")
  func drain() {
    var session = Session(isAdministrator: true)
    _ = session.received(Self.line(Self.request(1, "health")))
    #expect(!Self.words(session.drain()).contains("close"))
    #expect(session.received(Self.line(Self.request(2, "health"))).isEmpty)
    #expect(Self.words(session.finished(1, .success([0x31]))).last == "close")
    var idle = Session(isAdministrator: true)
    #expect(Self.words(idle.drain()).last == "close")
  }

  @Test("cancels everything when the connection is lost, and sends nothing more")
  func lost() {
    var session = Session(isAdministrator: true)
    _ = session.received(Self.line(Self.request(1, "health")) + Self.line(Self.request(2, "health")))
    #expect(Self.words(session.connectionLost()) == ["cancel 1", "cancel 2"])
    #expect(session.finished(1, .success([0x31])).isEmpty && session.finished(2, .failure(.cancelled)).isEmpty)
  }

  @Test("lets only administrators reload")
  func administrators() throws {
    var person = Session(isAdministrator: false)
    let reply = try Self.reply(person.received(Self.line(Self.request(1, "config.reload"))).first)
    #expect(reply["error"]?["data"]?["kind"] == "forbidden")
    #expect(person.received(Self.line(#"{"jsonrpc":"2.0","method":"config.reload"}"#)).isEmpty)
    var administrator = Session(isAdministrator: true)
    #expect(Self.words(administrator.received(Self.line(Self.request(1, "config.reload")))) == ["run 1 config.reload"])
  }

  @Test("puts an error in place of a reply that is too long, alone or together with the rest of its batch")
  func longReplies() throws {
    var session = Session(isAdministrator: true)
    let long = [UInt8](repeating: UInt8(ascii: "1"), count: ProtocolLimits.replyBytes)
    _ = session.received(Self.line(Self.request(1, "health")))
    let alone = try Self.reply(session.finished(1, .success(long)).first)
    #expect(alone["error"]?["data"]?["kind"] == "reply_too_large")
    _ = session.received(Self.line("[\(Self.request(1, "health")),\(Self.request(2, "health"))]"))
    let half = Array("\"\(String(repeating: "x", count: ProtocolLimits.replyBytes / 2))\"".utf8)
    #expect(session.finished(2, .success(half)).isEmpty)
    let batch = try Self.reply(session.finished(3, .success(half)).first).array
    #expect(batch?.count == 2 && batch?.last?["error"]?["data"]?["kind"] == "reply_too_large")
  }

  @Test("puts calls that wait on other threads than calls that compute, and health on its own")
  func lanes() throws {
    let lane = { (method: String, parameters: JSON.Object) in
      try MethodTable.all.prepare(method, parameters, isAdministrator: true).lane
    }
    #expect(try lane("search", ["query": "a"]) == .query)
    #expect(try lane("search", ["query": "a", "wait_for_sync_ms": 100]) == .waiting)
    #expect(try lane("sync", [:]) == .waiting)
    #expect(try lane("health", [:]) == .quick)
    #expect(try lane("rpc.discover", [:]) == .ready)
    #expect(Set(MethodTable.all.names) == Set(API.procedures.map(\.name)))
  }
}
