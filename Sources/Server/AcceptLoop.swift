import CLinux
import Foundation
import Glibc
import LinuxSystem
import Logging

/// A thread that waits for connections and reads each one's credentials from its raw descriptor, before a byte is
/// exchanged.
final class AcceptLoop: Sendable {
  /// Takes over a connected, non-blocking descriptor.
  typealias Handler = @Sendable (CInt, Credentials) -> Void

  private let listening: CInt
  private let wake: (read: CInt, write: CInt)
  private let ended = DispatchSemaphore(value: 0)
  private let logger: Logger
  private let handle: Handler

  /// - Parameter listening: stays the caller's, who closes it after `stop`.
  init(listening: CInt, logger: Logger, handle: @escaping Handler) throws(LinuxError) {
    var ends: [CInt] = [-1, -1]
    let type = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
    guard socketpair(AF_UNIX, type, 0, &ends) == 0 else {
      throw LinuxError(call: "socketpair", subject: "the accept loop")
    }
    self.listening = listening
    self.logger = logger
    self.handle = handle
    wake = (ends[0], ends[1])
  }

  deinit {
    close(wake.read)
    close(wake.write)
  }

  func start() {
    let thread = Thread { [self] in
      run()
      ended.signal()
    }
    thread.name = "accept"
    thread.start()
  }

  /// Ends the thread and waits for it.
  func stop() {
    var byte: UInt8 = 0
    _ = write(wake.write, &byte, 1)
    ended.wait()
  }

  private func run() {
    // Out of descriptors or memory: waiting for a while lets others end, where trying at once would only burn.
    var pause: CInt = -1
    while true {
      var waits = [
        pollfd(fd: wake.read, events: Int16(POLLIN), revents: 0),
        pollfd(fd: pause < 0 ? listening : -1, events: Int16(POLLIN), revents: 0),
      ]
      guard poll(&waits, 2, pause) >= 0 || errno == EINTR else {
        logger.critical("poll failed", metadata: ["errno": "\(errno)"])
        return
      }
      if waits[0].revents != 0 { return }
      pause = acceptAll() ? -1 : 100
    }
  }

  /// Accepts what waits. False where the machine is out of something.
  private func acceptAll() -> Bool {
    while true {
      let raw = fumikura_accept(listening)
      guard raw >= 0 else {
        switch errno {
        case EAGAIN: return true
        case EINTR, ECONNABORTED: continue
        default:
          logger.error("a connection cannot be accepted", metadata: ["errno": "\(errno)"])
          return false
        }
      }
      do throws(LinuxError) {
        handle(raw, try Credentials.ofPeer(socket: raw))
      } catch {
        logger.error("a connection without credentials is closed", metadata: ["error": "\(error)"])
        close(raw)
      }
    }
  }
}
