package import SystemPackage
package import Foundation

/// What has been asked for and is not yet done, so that `sync` can wait for just what came before it.
///
/// Every path that a hint names gets a ticket, in order; a path that waits already keeps its first one. A caller of
/// `sync` waits until no outstanding ticket of its shares is older than its own call: later events cannot delay it.
package final class SyncLedger: Sendable {
  /// One thing to be done: a path to look at, or a subtree to crawl.
  package struct Key: Hashable, Sendable {
    package let share: Int64
    package let path: FilePath
    package let isCrawl: Bool

    package init(share: Int64, path: FilePath, isCrawl: Bool = false) {
      self.share = share
      self.path = path
      self.isCrawl = isCrawl
    }
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

  /// Notes that `keys` are to be done. What a crawl finds is as old as the crawl: `parent` lends its ticket.
  package func open(_ keys: some Sequence<Key>, foundBy parent: Key? = nil) {
    shared.condition.withLock {
      for key in keys where shared.outstanding[key] == nil {
        let ticket: UInt64
        if let parent, let inherited = shared.outstanding[parent] {
          ticket = inherited
          for (id, waiter) in shared.waiters where ticket < waiter.before && waiter.shares.contains(key.share) {
            shared.waiters[id]!.remaining += 1
          }
        } else {
          ticket = shared.next
          shared.next += 1
        }
        shared.outstanding[key] = ticket
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
