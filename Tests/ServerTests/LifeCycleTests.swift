import Foundation
import FumikuraClient
import FumikuraProtocol
import Glibc
import Server
import ServerFixtures
import SystemPackage
import Testing

@Suite("A server's life")
struct LifeCycleTests {
  private static func server(at path: String) -> Server {
    Server(
      configuration: ServerConfiguration(socket: .path(FilePath(path))), service: EchoService(),
      logger: RunningServer.silent)
  }

  @Test("the socket has mode 0660 and goes away at the end")
  func path() throws {
    let server = try RunningServer()
    var status = stat()
    #expect(stat(server.socket, &status) == 0)
    #expect(status.st_mode & 0o7777 == 0o660 && status.st_mode & S_IFMT == S_IFSOCK)
    server.server.shutdown()
    #expect(stat(server.socket, &status) == -1)
    #expect { try server.client() } throws: { error in
      guard case .noSocket? = error as? ClientError else { return false }
      return true
    }
  }

  @Test("the socket's group is the configured one", .enabled(if: getuid() == 0, "needs root"))
  func group() throws {
    let server = try RunningServer(groupID: 65_533)
    var status = stat()
    #expect(stat(server.socket, &status) == 0 && status.st_gid == 65_533)
  }

  @Test("a socket on which nobody answers is replaced; one on which a daemon answers is not")
  func stale() throws {
    let folder = try RunningServer.makeFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/s"
    // A socket whose owner died: bound, then closed, its name left behind.
    let listener = try Self.listener(at: path)
    close(listener)
    let first = Self.server(at: path)
    try first.start()
    #expect(try Client(socket: path).call(.health, HealthParameters()).isReady)
    #expect { try Self.server(at: path).start() } throws: { error in
      guard case .socketInUse? = error as? ServerError else { return false }
      return true
    }
    #expect(try Client(socket: path).call(.health, HealthParameters()).isReady, "the first still answers")
    first.shutdown()
    let second = Self.server(at: path)
    try second.start()
    #expect(try Client(socket: path).call(.health, HealthParameters()).isReady)
    second.shutdown()
  }

  @Test("a foreign listener's socket is left alone, and so is a file that is no socket")
  func foreign() throws {
    let folder = try RunningServer.makeFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let listener = try Self.listener(at: folder + "/s")
    defer { close(listener) }
    #expect { try Self.server(at: folder + "/s").start() } throws: { "\($0)".contains("another daemon answers") }
    try Data("precious".utf8).write(to: URL(fileURLWithPath: folder + "/file"))
    #expect { try Self.server(at: folder + "/file").start() } throws: { "\($0)".contains("is not a socket") }
    #expect(FileManager.default.contents(atPath: folder + "/file") == Data("precious".utf8))
    let long = folder + "/" + String(repeating: "x", count: 120)
    #expect { try Self.server(at: long).start() } throws: { "\($0)".contains("expected at most 107") }
    #expect { try Self.server(at: folder + "/none/s").start() } throws: { error in
      guard case .system? = error as? ServerError else { return false }
      return true
    }
  }

  @Test("an inherited socket is served and its path is left in place")
  func inherited() throws {
    let folder = try RunningServer.makeFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let listener = try Self.listener(at: folder + "/s")
    let server = Server(
      configuration: ServerConfiguration(socket: .inherited(listener)), service: EchoService(),
      logger: RunningServer.silent)
    // Connected before the server is there: it waits in the queue, as with socket activation.
    let early = try Client(socket: folder + "/s", patience: .seconds(10))
    try server.start()
    #expect(try early.call(.health, HealthParameters()).isReady)
    server.shutdown()
    var status = stat()
    #expect(stat(folder + "/s", &status) == 0)
  }

  @Test("a descriptor that is no listening Unix socket is refused with what it is")
  func notListening() throws {
    var ends: [CInt] = [-1, -1]
    #expect(socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &ends) == 0)
    defer { for end in ends { close(end) } }
    let start = { (descriptor: CInt) in
      try Server(
        configuration: ServerConfiguration(socket: .inherited(descriptor)), service: EchoService(),
        logger: RunningServer.silent
      ).start()
    }
    #expect { try start(ends[0]) } throws: { "\($0)".contains("SO_ACCEPTCONN is 0, expected 1") }
    let file = open("/dev/null", O_RDONLY)
    defer { close(file) }
    #expect { try start(file) } throws: { "\($0)".contains("not a listening Unix stream socket") }
  }

  @Test("shutting down finishes what is in flight and begins nothing new")
  func drain() throws {
    let server = try RunningServer()
    let client = try server.client()
    let idle = try server.client()
    #expect(try idle.call(.health, HealthParameters()).isReady)
    try client.send(#"{"jsonrpc":"2.0","id":1,"method":"search","params":{"query":"wait"}}"#)
    #expect(server.service.gate.waitForArrivals())
    let ended = DispatchSemaphore(value: 0)
    Thread {
      server.server.shutdown()
      ended.signal()
    }.start()
    // The idle one is closed at once, which says that draining has begun.
    #expect(idle.isClosed())
    #expect(throws: ClientError.self) { try server.client() }
    server.service.gate.open()
    #expect(try client.receive()["result"] != nil)
    #expect(client.isClosed())
    #expect(ended.wait(timeout: .now() + 10) == .success)
  }

  @Test("shutting down does not wait for ever for a call that does not end")
  func drainDeadline() throws {
    let server = try RunningServer { $0.drainDeadline = .milliseconds(100) }
    let client = try server.client()
    try client.send(#"{"jsonrpc":"2.0","id":1,"method":"search","params":{"query":"wait"}}"#)
    #expect(server.service.gate.waitForArrivals())
    server.server.shutdown()
    #expect(client.isClosed())
    server.service.gate.open()
    server.service.cancelled.pass()
  }

  private static func listener(at path: String) throws -> CInt {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(bound == 0 && listen(descriptor, 8) == 0)
    return descriptor
  }
}
