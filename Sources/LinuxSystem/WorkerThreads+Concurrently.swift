import Foundation

extension WorkerThreads {
  /// Runs each of some bodies on a thread of its own and waits for all; their results in order, or the first failure.
  ///
  /// Blocking: to be called from a thread that may wait.
  package static func concurrently<Value: Sendable>(
    _ bodies: [@Sendable () throws -> Value], name: String, priority: Priority
  ) throws -> [Value] {
    let results = Results<Value>(count: bodies.count)
    let threads = WorkerThreads(name: name, count: bodies.count, priority: priority)
    for (index, body) in bodies.enumerated() {
      threads.submit { results.finish(index, Result { try body() }) }
    }
    threads.stop()
    return try results.wait()
  }

  /// Everything is touched under the condition's lock only, hence unchecked.
  private final class Results<Value: Sendable>: @unchecked Sendable {
    private let condition = NSCondition()
    private var results: [Result<Value, any Error>?]

    init(count: Int) { results = Array(repeating: nil, count: count) }

    func finish(_ index: Int, _ result: Result<Value, any Error>) {
      condition.withLock {
        results[index] = result
        condition.broadcast()
      }
    }

    func wait() throws -> [Value] {
      try condition.withLock {
        while results.contains(where: { $0 == nil }) { condition.wait() }
        return try results.map { try $0!.get() }
      }
    }
  }
}
