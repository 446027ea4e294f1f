import Foundation
import Glibc

/// The socket that sd_notify(3) writes to, as systemd would hold it.
final class NotifySocket {
  let path: String
  private let descriptor: CInt

  init(path: String) throws {
    self.path = path
    descriptor = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard descriptor >= 0, bound == 0 else { throw TestDaemon.Missing("no notify socket at \(path): errno \(errno)") }
  }

  deinit { close(descriptor) }

  /// Takes what an earlier process said and nobody waited for.
  func forget() {
    var buffer = [UInt8](repeating: 0, count: 4096)
    while recv(descriptor, &buffer, buffer.count, CInt(MSG_DONTWAIT)) >= 0 {}
  }

  /// Waits for a datagram that holds the line. Throws when the process ends or the time is over first.
  @discardableResult
  func wait(for line: String, seconds: Double, while process: Process) throws -> String {
    let deadline = Date(timeIntervalSinceNow: seconds)
    while Date() < deadline {
      var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      // The process's end is no event of the socket: looked at twice a second.
      if poll(&request, 1, 500) > 0 {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        let text = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
        if text.split(separator: "\n").contains(Substring(line)) { return text }
      } else if !process.isRunning {
        throw TestDaemon.Missing("the daemon ended with status \(process.terminationStatus) before it said \(line)")
      }
    }
    throw TestDaemon.Missing("the daemon did not say \(line) within \(seconds) s")
  }
}
