import Synchronization

/// A progress bar that is there from the first piece of work on: nothing to do, nothing shown.
final class LazyProgressBar: Sendable {
  private let label: String
  private let bar = Mutex<ProgressBar?>(nil)

  init(_ label: String) { self.label = label }

  func advance(by count: Int, of total: Int) {
    let bar = bar.withLock { bar in
      let made = bar ?? ProgressBar(label, total: total)
      bar = made
      return made
    }
    bar.advance(by: count)
  }

  func finish() { bar.withLock { $0 }?.finish() }
}
