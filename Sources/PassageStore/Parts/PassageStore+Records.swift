import GRDB
import Glibc
package import SystemPackage

extension PassageStore {
  /// As many events and points of each metric are kept; older ones go.
  static let journalLimit = 100_000
  static let metricLimit = 10_000

  package func journal(_ events: [JournalEvent]) throws(StoreError) {
    guard !events.isEmpty else { return }
    try write { db in for event in events { try Self.insert(event, db) } }
  }

  /// Journals what the transaction under way does to a file.
  static func note(
    _ kind: String, share: Int64, path: FilePath, detail: String? = nil, _ db: Database
  ) throws {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    let time = Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
    try insert(JournalEvent(time: time, share: share, path: path, kind: kind, detail: detail), db)
  }

  static func insert(_ event: JournalEvent, _ db: Database) throws {
    try db.run(
      "INSERT INTO event(time, share, path, kind, detail) VALUES (?, ?, ?, ?, ?)",
      [event.time, event.share, event.path?.blob, event.kind.storable, event.detail?.storable])
    // Ids have no gaps but those of transactions that were taken back: at most as many events as the limit stay.
    try db.run("DELETE FROM event WHERE id <= ?", [db.lastInsertedRowID - Int64(Self.journalLimit)])
  }

  /// Newest first. Nil share or path: of any.
  package func journal(
    share: Int64? = nil, path: FilePath? = nil, limit: Int
  ) throws(StoreError) -> [JournalEvent] {
    let (condition, arguments): (String, [(any DatabaseValueConvertible)?]) =
      switch (share, path) {
      case (nil, nil): ("1", [])
      case (let share?, nil): ("share = ?", [share])
      case (nil, let path?): ("path = ?", [path.blob])
      case (let share?, let path?): ("share = ? AND path = ?", [share, path.blob])
      }
    return try read { db in
      try db.rows(
        "SELECT time, share, path, kind, detail FROM event WHERE \(condition) ORDER BY id DESC LIMIT ?",
        arguments + [max(0, limit)], Self.event)
    }
  }

  static func event(_ row: Row) -> JournalEvent {
    JournalEvent(
      time: row[0], share: row[1], path: row[2] == nil ? nil : StoredColumns.path(row, 2), kind: row[3], detail: row[4])
  }

  /// - Parameter time: nanoseconds since 1970; a second value for the same time replaces the first.
  package func record(metric name: String, value: Double, at time: Int64) throws(StoreError) {
    guard value.isFinite else { throw .invalid(what: "metric \(name)", got: "\(value)", expected: "a finite number") }
    try write { db in
      try db.run(
        "INSERT OR REPLACE INTO metric(name, time, value) VALUES (?, ?, ?)", [name.storable, time, value])
      try db.run(
        """
        DELETE FROM metric WHERE name = ?1 AND time <=
          (SELECT time FROM metric WHERE name = ?1 ORDER BY time DESC LIMIT 1 OFFSET ?2)
        """, [name.storable, Self.metricLimit])
    }
  }

  /// Oldest first, those at or after `time`.
  package func metric(_ name: String, since time: Int64) throws(StoreError) -> [(time: Int64, value: Double)] {
    try read { db in
      try db.rows(
        "SELECT time, value FROM metric WHERE name = ? AND time >= ? ORDER BY time", [name.storable, time]
      ) { ($0[0] as Int64, $0[1] as Double) }
    }
  }

  package func setting(_ key: String) throws(StoreError) -> String? {
    try read { db in try db.row("SELECT value FROM setting WHERE key = ?", [key.storable]) { $0[0] as String } }
  }

  /// Nil removes it. On the disk, and mirrored in `keptDirectory`, when it returns.
  package func set(_ key: String, to value: String?) throws(StoreError) {
    guard try setting(key) != value?.storable else { return }
    try writeDurably { db in
      if let value {
        try db.run(
          "INSERT INTO setting(key, value) VALUES (?1, ?2) ON CONFLICT(key) DO UPDATE SET value = ?2",
          [key.storable, value.storable])
      } else {
        try db.run("DELETE FROM setting WHERE key = ?", [key.storable])
      }
    }
    try exportSettings(to: keptDirectory)
  }
}
