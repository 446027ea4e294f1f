import Dispatch
import Foundation
import Glibc
import Synchronization
import SystemPackage
import Testing

/// A socket that answers one question after the health, as a daemon does, with a model's name.
final class HealthySocket: Sendable {
  let path: FilePath
  private let model: String
  private let listener: CInt
  private let hasAnswered = Mutex(false)

  init(_ path: FilePath, model: String) throws {
    self.path = path
    self.model = model
    listener = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.string.utf8)
    try #require(bytes.count < MemoryLayout.size(ofValue: address.sun_path))
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(bound == 0 && listen(listener, 4) == 0, "no socket at \(path)")
  }

  deinit { close(listener) }

  /// Calls `body` while a thread of its own waits for one connection, reads its line and answers.
  func answering<Value>(_ body: () throws -> Value) throws -> Value {
    let done = DispatchSemaphore(value: 0)
    let thread = Thread {
      let result = self.answer()
      self.hasAnswered.withLock { $0 = result }
      done.signal()
    }
    thread.start()
    let value = try body()
    // Nobody connected: the thread is woken, or it would wait for ever.
    shutdown(listener, CInt(SHUT_RDWR))
    done.wait()
    #expect(hasAnswered.withLock { $0 }, "nobody asked for the daemon's health")
    return value
  }

  private func answer() -> Bool {
    let connection = accept(listener, nil, nil)
    guard connection >= 0 else { return false }
    defer { close(connection) }
    var byte = UInt8(0)
    repeat {
      guard read(connection, &byte, 1) == 1 else { return false }
    } while byte != UInt8(ascii: "\n")
    let reply = Array(
      """
      {"jsonrpc":"2.0","id":1,"result":{"status":"ok","ready":true,"version":"1","warnings":[],"model":null,\
      "encoders":[{"model":"\(model)","path":"fast","reason":"eight bits"}],"projector":null,"uptime_s":1}}

      """.utf8)
    return send(connection, reply, reply.count, CInt(MSG_NOSIGNAL)) == reply.count
  }
}
