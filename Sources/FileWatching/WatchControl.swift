import Foundation
import Glibc
import LinuxSystem

/// What the watching thread and everybody else tell each other.
///
/// `@unchecked Sendable`: `state` is touched with `condition` locked only, and the two descriptors are never changed.
final class WatchControl: @unchecked Sendable {
  struct State {
    var hasBegun = false
    var mustStop = false
    var hasEnded = false
    /// The watching thread.
    var thread: pthread_t?
    /// Shares that are to be watched from now on, in place of what was watched under the same id.
    var newShares: [ShareToWatch] = []
    var newTickets: [Int] = []
    var nextTicket = 0
    /// Tickets whose answer is awaited; nil until it is there.
    var answers: [Int: Result<Void, FileWatchingError>?] = [:]
    /// How the first start went; nil until then.
    var start: Result<Void, FileWatchingError>?
    var status: [Int64: WatchStatus] = [:]
    /// The watch process while it runs and has not been waited for.
    var process: pid_t?
  }

  private let condition = NSCondition()
  private var state = State()
  private let wakeEnd: OwnedDescriptor
  private let waitEnd: OwnedDescriptor

  init() throws(LinuxError) {
    var pair: [CInt] = [-1, -1]
    let type = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
    guard socketpair(AF_UNIX, type, 0, &pair) == 0 else {
      throw LinuxError(call: "socketpair", subject: "watch control")
    }
    wakeEnd = OwnedDescriptor(pair[0])
    waitEnd = OwnedDescriptor(pair[1])
  }

  /// Readable when the watching thread has something to look at.
  var descriptor: CInt { waitEnd.rawValue }

  /// Changes the state, and wakes whoever waits for an answer.
  func update<Value>(_ body: (inout State) throws -> Value) rethrows -> Value {
    condition.lock()
    defer {
      condition.broadcast()
      condition.unlock()
    }
    return try body(&state)
  }

  /// Waits until `body` returns something, or until the deadline where there is one.
  func wait<Value>(until deadline: Date? = nil, for body: (inout State) -> Value?) -> Value? {
    condition.lock()
    defer { condition.unlock() }
    while true {
      if let value = body(&state) { return value }
      if let deadline {
        if !condition.wait(until: deadline) { return body(&state) }
      } else {
        condition.wait()
      }
    }
  }

  /// Makes the watching thread look. A full socket buffer means that it is about to anyway.
  func wake() { send(wakeEnd.rawValue, [1], 1, CInt(MSG_NOSIGNAL)) }

  func takeWakes() {
    var buffer = [UInt8](repeating: 0, count: 256)
    while recv(waitEnd.rawValue, &buffer, buffer.count, 0) == buffer.count {}
  }
}
