package import Foundation
import Synchronization
import CLinux

/// A fixed number of threads of our own for work that blocks or computes for long: BLAS, SQLite, the scan, waiting for
/// a worker process. Swift's cooperative pool has as many threads as cores and must never be made to wait.
package final class WorkerThreads: Sendable {
  package enum Priority: Sendable {
    /// A person waits for it.
    case query
    /// Nobody does: SCHED_BATCH, nice 10, idle IO.
    case indexing
  }

  private struct State {
    var waiting: [@Sendable () -> Void] = []
    var head = 0
    var stopped = false
    /// Threads that have not ended.
    var running = 0
  }
  // A condition variable of Foundation beside plain state: both are touched under its lock only.
  private final class Shared: @unchecked Sendable {
    let condition = NSCondition()
    var state = State()
  }
  private let shared = Shared()

  package init(name: String, count: Int, priority: Priority) {
    let shared = shared
    shared.state.running = count
    for index in 0..<count {
      let thread = Thread { Self.run(shared, priority) }
      thread.name = "\(name)-\(index)"
      thread.stackSize = 2 << 20
      thread.start()
    }
  }

  /// Hands `body` to the next free thread. Nothing that comes after `stop` is run.
  package func submit(_ body: @escaping @Sendable () -> Void) {
    shared.condition.withLock {
      guard !shared.state.stopped else { return }
      shared.state.waiting.append(body)
      shared.condition.signal()
    }
  }

  /// Runs `body` on one of the threads and waits for it without holding a cooperative thread.
  package func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      let accepted = shared.condition.withLock {
        guard !shared.state.stopped else { return false }
        shared.state.waiting.append { continuation.resume(with: Result { try body() }) }
        shared.condition.signal()
        return true
      }
      if !accepted { continuation.resume(throwing: CancellationError()) }
    }
  }

  /// Lets the threads end once what was submitted is done.
  package func stop() {
    shared.condition.withLock {
      shared.state.stopped = true
      shared.condition.broadcast()
    }
  }

  /// Waits until all threads have ended, for up to `patience` seconds; false where one has not. To be called after
  /// `stop`, and from none of these threads.
  @discardableResult
  package func awaitEnd(patience: TimeInterval) -> Bool {
    let deadline = Date(timeIntervalSinceNow: patience)
    return shared.condition.withLock {
      while shared.state.running > 0 {
        if !shared.condition.wait(until: deadline) { return shared.state.running == 0 }
      }
      return true
    }
  }

  /// Gives the calling thread the priority.
  package static func lower(to priority: Priority) {
    // Refused only inside a container that forbids it: then the work runs at normal priority, which is correct.
    if case .indexing = priority { _ = fumikura_thread_background(10, true) }
  }

  private static func run(_ shared: Shared, _ priority: Priority) {
    lower(to: priority)
    while true {
      let next: (@Sendable () -> Void)? = shared.condition.withLock {
        while shared.state.head == shared.state.waiting.count {
          if shared.state.stopped { return nil }
          shared.condition.wait()
        }
        let body = shared.state.waiting[shared.state.head]
        shared.state.head += 1
        if shared.state.head > 64 && shared.state.head * 2 > shared.state.waiting.count {
          shared.state.waiting.removeFirst(shared.state.head)
          shared.state.head = 0
        }
        return body
      }
      guard let next else { break }
      next()
    }
    shared.condition.withLock {
      shared.state.running -= 1
      shared.condition.broadcast()
    }
  }
}
