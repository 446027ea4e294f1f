import Dispatch
import LinuxSystem

/// Threads that do the parts of one thing together, again and again. One thread is the caller's own.
final class ThreadTeam: Sendable {
  private let helpers: WorkerThreads?

  init(_ threads: Int) {
    helpers = threads > 1 ? WorkerThreads(name: "team", count: threads - 1, priority: .query) : nil
  }

  /// Calls `body` for each of 0..<count, one a thread, and waits for all.
  func forEach(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
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

  func stop() { helpers?.stop() }
}
