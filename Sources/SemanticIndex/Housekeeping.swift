import Foundation
import LinuxSystem
import PassageStore

/// What is done from time to time: offline shares are tried again, every share is compared with its store, vectors that
/// nothing uses are collected, and memory that work has left behind is given back once there is none.
final class Housekeeping: @unchecked Sendable {
  // Sendable: the condition guards `isStopping`; everything else is constant.
  private let condition = NSCondition()
  private var isStopping = false
  private let reconcile: TimeInterval
  private let retryOffline: @Sendable () -> Void
  private let crawlAll: @Sendable () -> Void
  private let collect: @Sendable () -> Void
  private let workDone: @Sendable () -> Int
  private let giveBackMemory: @Sendable () -> Void

  /// How often an offline share is tried.
  private static let offlineInterval: TimeInterval = 20
  /// How long nothing is done before memory is given back.
  private static let restInterval: TimeInterval = 5

  /// - Parameters:
  ///   - reconcile: seconds between full crawls; each is drawn up to a tenth later, so that many servers that were started
  ///     together do not crawl together.
  ///   - workDone: a count that goes up with whatever needs much memory.
  init(
    reconcile: TimeInterval, retryOffline: @escaping @Sendable () -> Void, crawlAll: @escaping @Sendable () -> Void,
    collect: @escaping @Sendable () -> Void, workDone: @escaping @Sendable () -> Int,
    giveBackMemory: @escaping @Sendable () -> Void
  ) {
    self.reconcile = reconcile
    self.retryOffline = retryOffline
    self.crawlAll = crawlAll
    self.collect = collect
    self.workDone = workDone
    self.giveBackMemory = giveBackMemory
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
    var nextCrawl = Date(timeIntervalSinceNow: jittered)
    var nextRetry = Date(timeIntervalSinceNow: Self.offlineInterval)
    var work = -1
    var isTidy = false
    while true {
      let stops = condition.withLock {
        let wake = min(nextCrawl, nextRetry, isTidy ? .distantFuture : Date(timeIntervalSinceNow: Self.restInterval))
        while !isStopping && condition.wait(until: wake) {}
        return isStopping
      }
      if stops { return }
      let done = workDone()
      if done != work {
        isTidy = false
      } else if !isTidy {
        giveBackMemory()
        isTidy = true
      }
      work = done
      if Date() >= nextRetry {
        retryOffline()
        nextRetry = Date(timeIntervalSinceNow: Self.offlineInterval)
      }
      guard Date() >= nextCrawl else { continue }
      crawlAll()
      collect()
      nextCrawl = Date(timeIntervalSinceNow: jittered)
    }
  }

  private var jittered: TimeInterval { reconcile * Double.random(in: 1...1.1) }
}
