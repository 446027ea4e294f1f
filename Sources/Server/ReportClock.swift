import Synchronization

/// Says now and then that it is time to report.
final class ReportClock: Sendable {
  private let last = Mutex<ContinuousClock.Instant?>(nil)

  /// Whether the last time this was true is at least `interval` ago; the first time it is.
  func isDue(every interval: Duration) -> Bool {
    let now = ContinuousClock.now
    return last.withLock { last in
      if let before = last, now - before < interval { return false }
      last = now
      return true
    }
  }
}
