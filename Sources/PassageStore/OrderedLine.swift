import Foundation

/// Numbered things that several threads make and one takes in their order; no more of them are made ahead than is said.
///
/// `@unchecked Sendable`: the state is touched under the condition's lock alone.
final class OrderedLine<Thing: Sendable>: @unchecked Sendable {
  private let condition = NSCondition()
  private let count: Int
  private let ahead: Int
  /// The next that nobody makes yet, and the next that is to be taken.
  private var begun = 0
  private var taken = 0
  private var made: [Int: Result<Thing, any Error>] = [:]
  private var isClosed = false
  private var workers = 0

  init(count: Int, ahead: Int) {
    self.count = count
    self.ahead = max(1, ahead)
  }

  /// Makes things by `make` until none is left or the line is closed. What `make` throws is thrown where that thing would
  /// have been taken.
  func work(_ make: (Int) throws -> Thing) {
    condition.withLock { workers += 1 }
    while let number = begin() {
      let thing = Result { try make(number) }
      condition.withLock {
        made[number] = thing
        condition.broadcast()
      }
    }
    condition.withLock {
      workers -= 1
      condition.broadcast()
    }
  }

  /// The next thing, waited for; nil after the last.
  func next() throws -> Thing? {
    try condition.withLock {
      guard taken < count else { return nil }
      while made[taken] == nil { condition.wait() }
      let thing = made.removeValue(forKey: taken)!
      taken += 1
      condition.broadcast()
      return try thing.get()
    }
  }

  /// Ends the making, and waits until no thread is at it.
  func close() {
    condition.withLock {
      isClosed = true
      condition.broadcast()
      while workers > 0 { condition.wait() }
    }
  }

  private func begin() -> Int? {
    condition.withLock {
      while !isClosed, begun < count, begun >= taken + ahead { condition.wait() }
      guard !isClosed, begun < count else { return nil }
      defer { begun += 1 }
      return begun
    }
  }
}
