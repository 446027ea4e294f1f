import Dispatch

/// Threads that do the parts of one thing together, again and again. One thread is the caller's own.
///
/// Several callers may use one team at once: parts of later ones wait for a free thread.
package final class ThreadTeam: Sendable {
  /// How many there are, the caller's included.
  package let threads: Int
  private let helpers: WorkerThreads?

  package init(_ threads: Int, priority: WorkerThreads.Priority = .query) {
    self.threads = max(1, threads)
    helpers = threads > 1 ? WorkerThreads(name: "team", count: threads - 1, priority: priority) : nil
  }

  /// Calls `body` for each of 0..<count, one a thread, and waits for all.
  ///
  /// - Precondition: `stop` has not been called.
  package func forEach(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    guard count > 0 else { return }
    guard let helpers else { return (0..<count).forEach(body) }
    let group = DispatchGroup()
    for index in 1..<max(count, 1) {
      group.enter()
      helpers.submit {
        body(index)
        group.leave()
      }
    }
    body(0)
    group.wait()
  }

  /// Lets the threads end.
  package func stop() { helpers?.stop() }
}
