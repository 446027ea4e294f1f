import Foundation
import FumikuraClient
import FumikuraProtocol
import Glibc
import ProtocolFixtures
import Testing

@Suite("The protocol, as the real daemon speaks it", .serialized)
struct ProtocolTests {
  private static func started() throws -> TestDaemon {
    let daemon = try TestDaemon()
    try daemon.fill("paper.txt", 0o644, about: "the harbour")
    try daemon.write("# Charter\n\nThe council meets on Mondays. 議事録は図書館にあります。", to: "charter.md")
    try daemon.write("%PDF-1.4 broken", to: "broken.pdf")
    try daemon.write("\u{7F}ELF\0\0", to: "program.bin")
    ByteName.write("\(daemon.share)/", [0xFF, 0xFE, UInt8(ascii: "!")], ".txt", daemon.text(about: "bytes", "bytes"))
    try daemon.start()
    try daemon.sync()
    return daemon
  }

  @Test("every reply of every method, and every error, is as rpc.discover says")
  func schemas() throws {
    let daemon = try Self.started()
    let client = try daemon.client()
    let document = try client.call("rpc.discover", [:])
    let validator = SchemaValidator()
    var results: [String: JSON] = [:]
    for method in document["methods"]?.array ?? [] {
      results[try #require(method["name"]?.string)] = method["result"]
    }
    let errors = try #require(document["error"])
    let kinds = Set((document["errors"]?.array ?? []).compactMap { $0["kind"]?.string })
    let id = try #require(try daemon.search("harbour").first?.passageID)
    let bytes = try #require(try daemon.files().first { !$0.path.isUTF8 }?.path.base64)
    let path = { (name: String) -> JSON in ["path": .string("\(daemon.share)/\(name)")] }
    var calls: [(method: String, parameters: JSON)] = []
    for mode in ["hybrid", "semantic", "keyword"] {
      for grouping in ["file", "passage"] {
        calls.append(
          ("search", ["query": "the council of the harbour", "mode": .string(mode), "group_by": .string(grouping)]))
      }
    }
    let searches: [JSON] = [
      ["query": "図書館", "wait_for_sync_ms": 60_000], ["query": "bytes", "types": ["text"]], ["query": " ", "limit": 1],
      ["query": "a", "offset": 10_000, "min_score": 1], ["query": ""], ["query": "a", "limt": 3],
      ["query": "a", "path_glob": "[", "modified_before": "2100-01-01T00:00:00Z"], ["query": "a", "limit": 101],
      ["query": 7], ["query": "a", "path_glob": .string(String(repeating: "*", count: 4097))],
    ]
    calls += searches.map { ("search", $0) }
    let similars: [JSON] = [
      path("paper.txt"), ["passage_id": .integer(id), "group_by": "passage"], ["text": "council"],
      ["path_b64": .string(bytes)], [:], ["path": "/a", "text": "a"], ["passage_id": 99_999], ["path": "/no/where"],
    ]
    calls += similars.map { ("similar", $0) }
    let whys: [JSON] = [
      path("paper.txt"), path("broken.pdf"), path(".hidden"), ["path": "/etc/passwd"], ["path_b64": .string(bytes)],
      ["path": "relative"],
    ]
    calls += whys.map { ("index.why", $0) }
    let lists: [JSON] = [
      [:], ["limit": 2], ["cursor": "nonsense"], ["states": ["indexed", "failed", "skipped", "waiting"]],
    ]
    calls += lists.map { ("index.files", $0) }
    calls += [
      ("sync", [:]), ("sync", ["timeout_ms": 0]), ("share.list", [:]), ("index.status", [:]), ("index.failures", [:]),
      ("index.status", ["shares": ["nowhere"]]), ("projector.list", [:]), ("health", [:]), ("config.reload", [:]),
      ("rpc.discover", [:]), ("rpc.discover", ["a": 1]), ("serach", [:]),
    ]
    var answered: Set<String> = []
    var seen: Set<String> = []
    for (method, parameters) in calls {
      let outcome = Result { () throws(ClientError) in try client.call(method, parameters) }
      switch outcome {
      case .success(let result):
        let schema = try #require(results[method])
        #expect(validator.problems(of: result, against: schema) == [], "\(method) \(parameters.text)")
        answered.insert(method)
      case .failure(.service(let error)):
        seen.insert(error.kind)
        #expect(validator.problems(of: error.json, against: errors) == [], "\(method) \(parameters.text)")
        #expect(kinds.contains(error.kind), "\(error.kind) is not in the document")
      case .failure(let error): throw error
      }
    }
    #expect(answered == Set(results.keys), "a method has no reply here: \(answered.symmetricDifference(results.keys))")
    #expect(seen.isSuperset(of: ["invalid_params", "unknown_method", "not_found"]))
    #expect(daemon.stop() == 0)
  }

  @Test("malformed lines, half lines and batches are answered, and the connection goes on where it can")
  func lines() throws {
    let daemon = try Self.started()
    let client = try daemon.client()
    func answer(_ text: String) throws -> JSON {
      try client.send(line: Array(text.utf8))
      return try JSONReader.read(try client.receiveLine())
    }
    for text in ["{", "nul", "\u{FF}\u{FE}", #"{"jsonrpc":"2.0","id":1,"method":"health""#, #"{"a":1,"a":2}"#] {
      #expect(try answer(text)["error"]?["code"] == -32700, "\(text)")
    }
    for text in ["[]", "3", "\"search\"", #"{"jsonrpc":"1.0","id":1,"method":"health"}"#, #"{"id":1}"#] {
      #expect(try answer(text)["error"]?["code"] == -32600, "\(text)")
    }
    // A line in two halves, with an empty one before it.
    try client.send(bytes: Array("\n\r\n{\"jsonrpc\":\"2.0\",\"id\":7,".utf8))
    try client.send(bytes: Array("\"method\":\"health\"}\n".utf8))
    #expect(try JSONReader.read(try client.receiveLine())["id"] == 7)
    let batch = (0..<64).map { #"{"jsonrpc":"2.0","id":\#($0),"method":"search","params":{"query":"harbour"}}"# }
    let replies = try answer("[\(batch.joined(separator: ","))]").array ?? []
    #expect(Set(replies.compactMap { $0["id"]?.integer }) == Set(0..<64))
    #expect(replies.allSatisfy { $0["result"]?["hits"]?.array?.isEmpty == false })
    #expect(try answer("[\((batch + batch.prefix(1)).joined(separator: ","))]")["error"]?["code"] == -32600)
    // Notifications are never answered: what comes next is the next request's.
    try client.send(line: Array(#"{"jsonrpc":"2.0","method":"search","params":{"query":"harbour"}}"#.utf8))
    try client.send(line: Array(#"{"jsonrpc":"2.0","method":"nothing"}"#.utf8))
    #expect(try answer(#"{"jsonrpc":"2.0","id":"last","method":"health"}"#)["id"] == "last")
    #expect(daemon.stop() == 0)
  }

  @Test("lines without end and replies that nobody reads cost no memory, and nobody else waits for them")
  func memory() throws {
    let daemon = try Self.started()
    let client = try daemon.client()
    for _ in 0..<50 { _ = try daemon.search("harbour") }
    let before = try daemon.residentBytes()
    let flood = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)
    let long = try daemon.client()
    var refused = false
    for _ in 0..<200 where !refused {
      do throws(ClientError) { try long.send(bytes: flood) } catch { refused = true }
    }
    #expect(refused, "200 MB were taken")
    #expect(try JSONReader.read(try long.receiveLine())["error"]?["data"]?["kind"] == "line_too_long")
    // A hundred clients, each with as much of a line as may be: there is room for a quarter of sixty-four MB.
    var clients: [Client] = []
    for _ in 0..<100 {
      let client = try daemon.client()
      // Most are refused.
      do throws(ClientError) { try client.send(bytes: Array(flood.dropLast(1))) } catch {}
      clients.append(client)
    }
    #expect(try client.call(.health, HealthParameters()).isReady)
    let during = try daemon.residentBytes()
    clients = []
    // Nor does somebody who asks and never reads.
    let deaf = try daemon.client()
    let request: JSON = ["jsonrpc": "2.0", "id": 1, "method": "rpc.discover"]
    let many = Array(repeatElement(request.encoded + [UInt8(ascii: "\n")], count: 500).joined())
    var flags = fcntl(deaf.descriptor, F_GETFL)
    flags = fcntl(deaf.descriptor, F_SETFL, flags | O_NONBLOCK)
    for _ in 0..<40 {
      _ = many.withUnsafeBytes { Glibc.send(deaf.descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
    }
    for _ in 0..<20 { #expect(try daemon.search("harbour").first != nil) }
    let after = try daemon.residentBytes()
    print("resident: \(before >> 20) MB before, \(during >> 20) with lines without end, \(after >> 20) after")
    #expect(during - before < 120 << 20 && after - before < 120 << 20)
    #expect(daemon.stop() == 0)
  }

  @Test("a hundred clients at once are all answered")
  func manyClients() throws {
    let daemon = try Self.started()
    let socket = daemon.socket
    let clients = try (0..<100).map { _ in try Client(socket: socket, patience: .seconds(120)) }
    let request: JSON = [
      "jsonrpc": "2.0", "id": 1, "method": "search", "params": ["query": "where does the council meet"],
    ]
    for client in clients { for _ in 0..<3 { try client.send(line: request.encoded) } }
    for client in clients {
      for _ in 0..<3 {
        let reply = try JSONReader.read(try client.receiveLine())
        let isAnswered = reply["result"]?["hits"]?.array?.isEmpty == false
        #expect(isAnswered || reply["error"]?["data"]?["kind"] == "busy", "\(reply.text)")
      }
    }
    #expect(daemon.stop() == 0)
  }
}

/// Files whose names are not UTF-8.
enum ByteName {
  static func write(_ folder: String, _ bytes: [UInt8], _ ending: String, _ text: String) {
    let path = (Array(folder.utf8) + bytes + Array(ending.utf8) + [0]).map { CChar(bitPattern: $0) }
    let file = open(path, O_WRONLY | O_CREAT, 0o644)
    defer { close(file) }
    _ = Array(text.utf8).withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
  }
}

extension TestDaemon {
  /// The daemon's memory, as the kernel counts it.
  func residentBytes() throws -> Int {
    let status = try String(contentsOfFile: "/proc/\(process?.processIdentifier ?? 0)/status", encoding: .utf8)
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
    return (line?.split { !$0.isNumber }.first.flatMap { Int($0) } ?? 0) << 10
  }
}
