import Dispatch
import Synchronization

/// Threads that do the parts of one thing together, again and again. One thread is the caller's own.
///
/// Several callers may use one team at once. Nobody waits for a free thread: a part that no thread of the team has begun
/// is done by the caller, so that a caller whose team is busy with others' parts does all of its own.
package final class ThreadTeam: Sendable {
  /// How many there are, the caller's included.
  package let threads: Int
  private let helpers: WorkerThreads?

  package init(_ threads: Int, priority: WorkerThreads.Priority = .query) {
    self.threads = max(1, threads)
    helpers = threads > 1 ? WorkerThreads(name: "team", count: threads - 1, priority: priority) : nil
  }

  /// Calls `body` once for each of 0..<count, on as many threads as are free, and waits for all.
  ///
  /// After `stop` the caller does all parts.
  package func forEach(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    guard count > 0 else { return }
    guard let helpers, count > 1 else { return (0..<count).forEach(body) }
    let round = Round(count, body)
    for _ in 1..<min(count, threads) { helpers.submit { round.work() } }
    round.work()
    round.wait()
  }

  /// Lets the threads end.
  package func stop() { helpers?.stop() }

  /// The parts of one call: each is taken by the first thread that comes for it.
  private final class Round: Sendable {
    private let count: Int
    private let body: @Sendable (Int) -> Void
    private let next = Atomic<Int>(0)
    private let unfinished = DispatchGroup()

    init(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
      self.count = count
      self.body = body
      for _ in 0..<count { unfinished.enter() }
    }

    /// Does parts until none is left. A thread that comes late finds none, and does not touch what the caller lent.
    func work() {
      while true {
        let part = next.add(1, ordering: .relaxed).oldValue
        guard part < count else { return }
        body(part)
        unfinished.leave()
      }
    }

    func wait() { unfinished.wait() }
  }
}
