import Foundation
import Glibc
import Synchronization

/// How far a long piece of work is: a bar on a terminal, one line at the end elsewhere; always on standard error.
final class ProgressBar: Sendable {
  private struct State {
    var done = 0
    var drawn: ContinuousClock.Instant?
  }
  private let label: String
  private let total: Int
  private let isTerminal: Bool
  private let start = ContinuousClock.now
  private let state = Mutex(State())

  /// `total` is in units of the work (texts, steps).
  init(_ label: String, total: Int) {
    self.label = label
    self.total = total
    isTerminal = isatty(2) == 1
  }

  /// Adds to what is done, and draws at most ten times a second.
  func advance(by count: Int) {
    state.withLock { state in
      state.done += count
      let now = ContinuousClock.now
      guard isTerminal, state.drawn.map({ now - $0 > .milliseconds(100) }) ?? true else { return }
      state.drawn = now
      draw(state.done, now - start)
    }
  }

  /// Ends the bar with the time it took; `count` of `total` where the work ended early.
  func finish(after count: Int? = nil) {
    let seconds = (ContinuousClock.now - start).seconds
    let text = "\(label): \(count ?? total) in \(seconds.formatted(decimals: 1)) s"
    Output.remark(isTerminal ? "\r\u{1B}[K\(text)" : text)
  }

  private func draw(_ done: Int, _ elapsed: Duration) {
    let share = total == 0 ? 1 : min(Double(done) / Double(total), 1)
    let width = 30
    let filled = Int(share * Double(width))
    let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
    let left = share > 0.02 ? ", \(Int(elapsed.seconds * (1 - share) / share)) s left" : ""
    let text = "\r\u{1B}[K\(label) \(bar) \(done)/\(total)\(left)"
    try? FileHandle.standardError.write(contentsOf: Data(text.utf8))  // a bar that cannot be drawn stops nothing
  }
}
