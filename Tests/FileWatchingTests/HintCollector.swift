import FileWatching
import Foundation
import Synchronization

/// Keeps the hints that are delivered. `@unchecked Sendable`: `hints` is touched with `condition` locked only.
final class HintCollector: @unchecked Sendable {
  private let condition = NSCondition()
  private var hints: [Hint] = []

  func take(_ new: [Hint]) {
    condition.withLock {
      hints += new
      condition.broadcast()
    }
  }

  /// Takes out what has come so far.
  func all() -> [Hint] {
    condition.withLock {
      defer { hints = [] }
      return hints
    }
  }

  /// Waits for a hint that fits, and takes out all up to it; nil after 20 s.
  func wait(for fits: (Hint) -> Bool) -> [Hint]? {
    let deadline = Date(timeIntervalSinceNow: 20)
    condition.lock()
    defer { condition.unlock() }
    while true {
      if let index = hints.firstIndex(where: fits) {
        defer { hints.removeFirst(index + 1) }
        return Array(hints[...index])
      }
      if !condition.wait(until: deadline) { return nil }
    }
  }
}
