package import Foundation
import Synchronization
package import SystemPackage

/// What has been asked for and is not yet done, so that `sync` can wait for just what came before it.
///
/// Every path that a hint names gets a ticket, in order; a path that waits already keeps its first one. A caller of
/// `sync` waits until no outstanding ticket of its shares is older than its own call: later events cannot delay it.
package final class SyncLedger: Sendable {
  /// One thing to be done: a path to look at, or a subtree to crawl.
  package struct Key: Hashable, Sendable {
    package let share: Int64
    package let path: FilePath
    /// Tells crawls apart, also those of one subtree: each is done by itself. Nil for a path to look at.
    private let crawl: UInt64?

    package init(share: Int64, path: FilePath) {
      self.share = share
      self.path = path
      crawl = nil
    }

    private init(share: Int64, path: FilePath, crawl: UInt64) {
      self.share = share
      self.path = path
      self.crawl = crawl
    }

    /// A key like no other.
    package static func newCrawl(share: Int64, under path: FilePath) -> Key {
      Key(share: share, path: path, crawl: lastCrawl.add(1, ordering: .relaxed).newValue)
    }
    private static let lastCrawl = Atomic<UInt64>(0)
  }

  // Plain state beside Foundation's condition variable, touched under its lock only.
  private final class Shared: @unchecked Sendable {
    let condition = NSCondition()
    var next: UInt64 = 0
    var outstanding: [Key: UInt64] = [:]
    var waiters: [UInt64: Waiter] = [:]
    var stopped = false
  }
  /// A `sync` under way: what it still waits for.
  private struct Waiter {
    let before: UInt64
    let shares: Set<Int64>
    var remaining: Int
  }
  private let shared = Shared()

  package init() {}

  /// Notes that `keys` are to be done. What a crawl finds is as old as the crawl: `parent` lends its ticket, also to what
  /// has a later one.
  package func open(_ keys: some Sequence<Key>, foundBy parent: Key? = nil) {
    shared.condition.withLock {
      let inherited = parent.flatMap { shared.outstanding[$0] }
      for key in keys {
        let known = shared.outstanding[key]
        if let inherited, inherited < known ?? .max {
          shared.outstanding[key] = inherited
          for (id, waiter) in shared.waiters
          where inherited < waiter.before && known ?? .max >= waiter.before && waiter.shares.contains(key.share) {
            shared.waiters[id]!.remaining += 1
          }
        } else if known == nil {
          shared.outstanding[key] = shared.next
          shared.next += 1
        }
      }
    }
  }

  /// Notes that `key` is done.
  package func close(_ key: Key) {
    shared.condition.withLock {
      guard let ticket = shared.outstanding.removeValue(forKey: key) else { return }
      for (id, waiter) in shared.waiters where ticket < waiter.before && waiter.shares.contains(key.share) {
        shared.waiters[id]!.remaining -= 1
        if waiter.remaining <= 1 { shared.condition.broadcast() }
      }
    }
  }

  /// Takes all as done that was to be done in other shares: they are no more.
  package func keepOnly(shares: Set<Int64>) {
    for key in shared.condition.withLock({ shared.outstanding.keys.filter { !shares.contains($0.share) } }) {
      close(key)
    }
  }

  /// Ends all waiting, now and later, with `false`.
  package func stop() {
    shared.condition.withLock {
      shared.stopped = true
      shared.condition.broadcast()
    }
  }

  /// Whether `key` is still to be done.
  package func isOpen(_ key: Key) -> Bool { shared.condition.withLock { shared.outstanding[key] != nil } }

  /// How many things are outstanding in one share, or in all.
  package func count(share: Int64? = nil) -> Int {
    shared.condition.withLock {
      guard let share else { return shared.outstanding.count }
      return shared.outstanding.keys.count { $0.share == share }
    }
  }

  /// Waits until everything asked for in `shares` before this call is done. False where the deadline came first.
  package func wait(shares: Set<Int64>, until deadline: Date) -> Bool {
    shared.condition.withLock {
      let id = shared.next
      shared.next += 1
      let remaining = shared.outstanding.count { shares.contains($0.key.share) }
      shared.waiters[id] = Waiter(before: id, shares: shares, remaining: remaining)
      defer { shared.waiters[id] = nil }
      while !shared.stopped {
        if shared.waiters[id]!.remaining == 0 { return true }
        if !shared.condition.wait(until: deadline) { return shared.waiters[id]!.remaining == 0 }
      }
      return false
    }
  }
}
