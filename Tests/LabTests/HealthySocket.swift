import Dispatch
import Foundation
import Glibc
import SystemPackage
import Testing

/// A socket that answers one question after a health like a daemon's, with a model's name.
final class HealthySocket: Sendable {
  let path: FilePath
  private let model: String
  private let listener: CInt

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

  /// Waits for one connection, reads its line and answers.
  func answerOnce() async throws {
    let done = await withCheckedContinuation { continuation in
      DispatchQueue.global().async { continuation.resume(returning: self.answer()) }
    }
    #expect(done)
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
      {"jsonrpc":"2.0","id":1,"result":{"status":"ok","ready":true,"version":"1","warnings":[],"model":"\(model)",\
      "projector":null,"uptime_s":1}}

      """.utf8)
    return write(connection, reply, reply.count) == reply.count
  }
}
