import Foundation
import FumikuraClient
import FumikuraProtocol
import Glibc
import Server
import ServerFixtures
import Synchronization
import Testing

@Suite("Under load")
struct LoadTests {
  private static func kind(_ reply: JSON) -> JSON? { reply["error"]?["data"]?["kind"] }

  private static func search(_ id: Int, _ query: String) -> String {
    #"{"jsonrpc":"2.0","id":\#(id),"method":"search","params":{"query":"\#(query)"}}"#
  }

  /// Sends as much as the daemon takes: one that it closes meanwhile still has its last words to read.
  private static func sendUnlessClosed(_ client: Client, _ bytes: [UInt8]) {
    do throws(ClientError) {
      try client.send(bytes: bytes)
    } catch {
      guard case .disconnected = error else {
        Issue.record(error)
        return
      }
    }
  }

  @Test("two hundred clients at once each get their own answers")
  func manyClients() throws {
    let server = try RunningServer()
    let failures = Mutex<[String]>([])
    let done = DispatchGroup()
    for number in 0..<200 {
      done.enter()
      let thread = Thread {
        do {
          let client = try server.client()
          for round in 0..<5 {
            let query = "client \(number) round \(round)"
            let text = try client.call(.search, SearchParameters(query: query)).hits.first?.snippet.text
            if text != query { failures.withLock { $0.append("\(query): \(text ?? "nothing")") } }
          }
        } catch {
          failures.withLock { $0.append("client \(number): \(error)") }
        }
        done.leave()
      }
      thread.stackSize = 1 << 19
      thread.start()
    }
    #expect(done.wait(timeout: .now() + 20) == .success)
    #expect(failures.withLock { $0 } == [])
  }

  @Test("replies come as calls finish, not in the order of the requests")
  func order() throws {
    let server = try RunningServer()
    let client = try server.client()
    try client.send(Self.search(1, "wait"))
    try client.send(Self.search(2, "quick"))
    #expect(try client.receive()["id"] == 2)
    server.service.gate.open()
    #expect(try client.receive()["id"] == 1)
  }

  @Test("health and rpc.discover answer while every search thread is taken and more searches queue")
  func health() throws {
    let server = try RunningServer { $0.queryThreads = 2 }
    let client = try server.client()
    for id in 1...20 { try client.send(Self.search(id, "wait")) }
    #expect(server.service.gate.waitForArrivals(2))
    let other = try server.client()
    #expect(try other.call(.health, HealthParameters()).isReady)
    #expect(try other.call(.discover, DiscoverParameters()).version == API.version)
    server.service.gate.open(20)
    for _ in 1...20 { #expect(try client.receive()["result"] != nil) }
  }

  @Test("searches go on while every call that waits is waiting")
  func waiting() throws {
    let server = try RunningServer { $0.maximumWaiting = 2 }
    let client = try server.client()
    for id in 1...3 { try client.send(#"{"jsonrpc":"2.0","id":\#(id),"method":"sync","params":{"timeout_ms":1}}"#) }
    let refused = try client.receive()
    #expect(refused["id"] == 3 && Self.kind(refused) == "busy")
    #expect(try client.call(.search, SearchParameters(query: "a")).hits.count == 1)
    server.service.gate.open(2)
  }

  @Test("beyond a connection's and everybody's requests in flight, the answer is busy and when to try again")
  func busy() throws {
    let server = try RunningServer {
      $0.maximumRequestsPerConnection = 3
      $0.maximumRequests = 4
      $0.queryThreads = 8
    }
    let first = try server.client()
    for id in 1...4 { try first.send(Self.search(id, "wait")) }
    let refused = try first.receive()
    #expect(refused["id"] == 4 && Self.kind(refused) == "busy")
    #expect(refused["error"]?["data"]?["retry_after_ms"]?.integer ?? 0 > 0)
    #expect(server.service.gate.waitForArrivals(3))
    let second = try server.client()
    try second.send(Self.search(1, "wait"))
    #expect(server.service.gate.waitForArrivals(1))
    try second.send(Self.search(2, "quick"))
    #expect(Self.kind(try second.receive()) == "busy")
    server.service.gate.open(4)
    for _ in 1...3 { #expect(try first.receive()["result"] != nil) }
    #expect(try second.receive()["result"] != nil)
    try second.send(Self.search(3, "quick"))
    #expect(try second.receive()["result"] != nil)
  }

  @Test("a cancelled call is answered at once, and the service learns of it")
  func cancel() throws {
    let server = try RunningServer()
    let client = try server.client()
    try client.send(Self.search(1, "wait"))
    #expect(server.service.gate.waitForArrivals())
    try client.send(#"{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":1}}"#)
    let reply = try client.receive()
    #expect(reply["id"] == 1 && reply["error"]?["code"] == -32800)
    server.service.gate.open()
    server.service.cancelled.pass()
    #expect(try client.call(.health, HealthParameters()).isReady)
  }

  @Test("a client that goes away cancels what it asked for")
  func disconnect() throws {
    let server = try RunningServer()
    do {
      let client = try server.client()
      try client.send(Self.search(1, "wait"))
      #expect(server.service.gate.waitForArrivals())
    }
    // The server takes note of the end before it takes the next connection's request.
    #expect(try server.client().call(.health, HealthParameters()).isReady)
    server.service.gate.open()
    server.service.cancelled.pass()
  }

  @Test("a client that never reads is dropped, and takes no more memory than its bound")
  func neverReads() throws {
    let server = try RunningServer {
      $0.readingDeadline = .milliseconds(200)
      $0.maximumUnsentBytes = 4 << 20
    }
    let client = try server.client()
    for id in 1...32 { try client.send(Self.search(id, "say 1000000")) }
    var wait = pollfd(fd: client.descriptor, events: 0, revents: 0)
    #expect(poll(&wait, 1, 10_000) == 1)
    #expect(wait.revents & Int16(POLLHUP) != 0)
    #expect(try server.client().call(.health, HealthParameters()).isReady)
  }

  @Test("a client that never reads small replies is dropped by the clock")
  func neverReadsSmall() throws {
    let server = try RunningServer { $0.readingDeadline = .milliseconds(200) }
    let client = try server.client()
    // More than the kernel's buffer holds, and less than the bound: only the deadline can end it.
    try client.send(Self.search(1, "say 2000000"))
    var wait = pollfd(fd: client.descriptor, events: 0, revents: 0)
    #expect(poll(&wait, 1, 10_000) == 1)
    #expect(wait.revents & Int16(POLLHUP) != 0)
  }

  @Test("a reply of almost 16 MiB reaches a client that reads")
  func largeReply() throws {
    let server = try RunningServer()
    let client = try server.client()
    let text = try client.call(.search, SearchParameters(query: "say 16000000")).hits.first?.snippet.text
    #expect(text?.utf8.count == 16_000_000)
  }

  @Test("connections beyond the limit are told so and closed")
  func connections() throws {
    let server = try RunningServer { $0.maximumConnections = 2 }
    let clients = [try server.client(), try server.client()]
    for client in clients { #expect(try client.call(.health, HealthParameters()).isReady) }
    let third = try server.client()
    #expect(Self.kind(try third.receive()) == "busy")
    #expect(third.isClosed())
    for client in clients { #expect(try client.call(.health, HealthParameters()).isReady) }
  }

  @Test("unfinished lines of all clients together are bounded")
  func bufferedBytes() throws {
    let server = try RunningServer { $0.maximumBufferedBytes = 3 << 20 }
    let half = [UInt8](repeating: UInt8(ascii: " "), count: 900_000)
    var clients: [Client] = []
    var refused = 0
    for _ in 0..<6 {
      let client = try server.client()
      Self.sendUnlessClosed(client, half)
      clients.append(client)
    }
    for client in clients {
      // Of the six, at most three fit: the others are told, and closed before they can say more.
      Self.sendUnlessClosed(client, Array("\n\(Self.search(1, "a"))\n".utf8))
      if Self.kind(try client.receive()) == "busy" { refused += 1 }
    }
    #expect(refused >= 3)
  }

  @Test("whoever fills the room for unfinished lines keeps nobody from being answered")
  func filledRoom() throws {
    let server = try RunningServer { $0.maximumBufferedBytes = 4 << 20 }
    let before = try server.client()
    let half = [UInt8](repeating: UInt8(ascii: " "), count: 1 << 20)
    let clients = try (0..<6).map { _ in try server.client() }
    for client in clients { Self.sendUnlessClosed(client, half) }
    #expect(try before.call(.health, HealthParameters()).isReady)
    #expect(try server.client().call(.search, SearchParameters(query: "a")).hits.count == 1)
  }
}
