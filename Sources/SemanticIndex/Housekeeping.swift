import Foundation
import LinuxSystem
import PassageStore

/// What is done from time to time: offline shares are tried again, every share is compared with its store, vectors that
/// nothing uses are collected.
final class Housekeeping: @unchecked Sendable {
  // Sendable: the condition guards `isStopping`; everything else is constant.
  private let condition = NSCondition()
  private var isStopping = false
  private let reconcile: TimeInterval
  private let retryOffline: @Sendable () -> Void
  private let crawlAll: @Sendable () -> Void
  private let collect: @Sendable () -> Void

  /// How often an offline share is tried.
  private static let offlineInterval: TimeInterval = 20

  /// - Parameter reconcile: seconds between full crawls; each is drawn up to a tenth later, so that many servers that
  ///   were started together do not crawl together.
  init(
    reconcile: TimeInterval, retryOffline: @escaping @Sendable () -> Void, crawlAll: @escaping @Sendable () -> Void,
    collect: @escaping @Sendable () -> Void
  ) {
    self.reconcile = reconcile
    self.retryOffline = retryOffline
    self.crawlAll = crawlAll
    self.collect = collect
  }

  func start() {
    let thread = Thread { [self] in run() }
    thread.name = "housekeeping"
    thread.start()
  }

  func stop() {
    condition.withLock {
      isStopping = true
      condition.broadcast()
    }
  }

  private func run() {
    WorkerThreads.lower(to: .indexing)
    var next = Date(timeIntervalSinceNow: jittered)
    while true {
      let stops = condition.withLock {
        let wake = min(next, Date(timeIntervalSinceNow: Self.offlineInterval))
        while !isStopping && condition.wait(until: wake) {}
        return isStopping
      }
      if stops { return }
      retryOffline()
      guard Date() >= next else { continue }
      crawlAll()
      collect()
      next = Date(timeIntervalSinceNow: jittered)
    }
  }

  private var jittered: TimeInterval { reconcile * Double.random(in: 1...1.1) }
}
