import LinuxSystem
import SystemPackage

/// Many events of one path become one hint, once the path has been quiet for `settle`, or `maximumDelay` after the first
/// event where it never is. Paths are independent of each other.
///
/// Pure: it does no I/O and has no clock. Times are durations since any fixed instant, never going back. The cost is
/// O(log n) an event, and O(n) a renamed directory, for n pending paths.
struct EventCoalescer: Sendable {
  /// What an event may have changed.
  struct Effects: OptionSet, Sendable {
    let rawValue: UInt8
    /// The path must be looked at.
    static let look = Effects(rawValue: 1)
    /// Its content may have changed: it must be hashed.
    static let content: Effects = [.look, Effects(rawValue: 2)]
    /// It is a directory whose own attributes changed.
    static let directoryAttributes = Effects(rawValue: 4)
  }

  private struct Key: Hashable {
    let share: Int64
    let path: [UInt8]
  }

  private struct Entry {
    var first: Duration
    var last: Duration
    var effects: Effects
    /// Orders the hints; ties this entry to its one live item in the heap.
    let serial: UInt64
  }

  private struct Check: Comparable {
    let time: Duration
    let serial: UInt64
    let key: Key
    static func < (one: Check, other: Check) -> Bool { (one.time, one.serial) < (other.time, other.serial) }
    static func == (one: Check, other: Check) -> Bool { (one.time, one.serial) == (other.time, other.serial) }
  }

  private let settle: Duration
  private let maximumDelay: Duration
  private let capacity: Int
  private var entries: [Key: Entry] = [:]
  /// One item for each entry, never later than it is due, and some left over from entries that are gone.
  private var checks = MinimumHeap<Check>()
  private var nextSerial: UInt64 = 0

  /// - Parameter capacity: paths that may be pending; beyond it the earliest are due at once, so that memory is bounded.
  init(settle: Duration, maximumDelay: Duration, capacity: Int = 100_000) {
    self.settle = settle
    self.maximumDelay = maximumDelay
    self.capacity = capacity
  }

  var count: Int { entries.count }

  /// When `takeDue` should next be called; nil where nothing is pending.
  var nextCheck: Duration? { entries.isEmpty ? nil : entries.count > capacity ? .zero : checks.least?.time }

  mutating func note(share: Int64, path: [UInt8], _ effects: Effects, at now: Duration) {
    merge(Key(share: share, path: path), first: now, last: now, effects)
  }

  /// What is pending for `from`, and for all beneath it where it is a directory, becomes pending for `to`.
  mutating func rename(share: Int64, from: [UInt8], to: [UInt8], isDirectory: Bool) {
    func move(_ key: Key, _ newPath: [UInt8]) {
      guard let entry = entries.removeValue(forKey: key) else { return }
      merge(Key(share: share, path: newPath), first: entry.first, last: entry.last, entry.effects)
    }
    if isDirectory {
      let prefix = from + [UInt8(ascii: "/")]
      let beneath = entries.filter { $0.key.share == share && $0.key.path.starts(with: prefix) }
      for (key, _) in beneath.sorted(by: { $0.value.serial < $1.value.serial }) {
        move(key, to + key.path[from.count...])
      }
    }
    move(Key(share: share, path: from), to)
  }

  /// Drops what is pending for a share.
  mutating func forget(share: Int64) {
    entries = entries.filter { $0.key.share != share }
  }

  /// Takes the hints that are due, in the order of their first events.
  mutating func takeDue(at now: Duration) -> [Hint] {
    var due: [(Key, Entry)] = []
    while let check = checks.least, check.time <= now || entries.count > capacity {
      checks.removeLeast()
      guard let entry = entries[check.key], entry.serial == check.serial else { continue }
      let time = dueTime(entry)
      if check.time <= now && time > now {
        checks.insert(Check(time: time, serial: check.serial, key: check.key))
      } else {
        entries[check.key] = nil
        due.append((check.key, entry))
      }
    }
    return hints(due)
  }

  /// Takes all hints, due or not.
  mutating func takeAll() -> [Hint] {
    defer {
      entries = [:]
      checks = MinimumHeap()
    }
    return hints(entries.map { ($0.key, $0.value) })
  }

  private func dueTime(_ entry: Entry) -> Duration { min(entry.last + settle, entry.first + maximumDelay) }

  private mutating func merge(_ key: Key, first: Duration, last: Duration, _ effects: Effects) {
    if var entry = entries[key] {
      // An entry that a rename brings may be older than the one that it meets: then the check must come earlier.
      let isOlder = first < entry.first
      entry.first = min(first, entry.first)
      entry.last = max(last, entry.last)
      entry.effects.formUnion(effects)
      entries[key] = entry
      if isOlder { checks.insert(Check(time: dueTime(entry), serial: entry.serial, key: key)) }
      return
    }
    let entry = Entry(first: first, last: last, effects: effects, serial: nextSerial)
    nextSerial += 1
    entries[key] = entry
    checks.insert(Check(time: dueTime(entry), serial: entry.serial, key: key))
  }

  private func hints(_ taken: [(Key, Entry)]) -> [Hint] {
    taken.sorted { $0.1.serial < $1.1.serial }.flatMap { key, entry in
      let path = FilePath(bytes: key.path)
      var hints: [Hint] = []
      if entry.effects.contains(.directoryAttributes) { hints.append(.attributes(share: key.share, directory: path)) }
      if entry.effects.contains(.look) {
        hints.append(.look(share: key.share, path: path, contentEvent: entry.effects.contains(.content)))
      }
      return hints
    }
  }
}
