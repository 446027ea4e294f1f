/// At most `capacity` values by key: where one more comes, the one that was not asked for longest goes.
///
/// Made for some dozens to hundreds: what goes is looked for among all.
struct RecentValues<Key: Hashable, Value> {
  let capacity: Int
  private var entries: [Key: (value: Value, lastUse: UInt64)] = [:]
  private var uses: UInt64 = 0

  init(capacity: Int) {
    precondition(capacity > 0, "room for \(capacity) values")
    self.capacity = capacity
  }

  var count: Int { entries.count }

  /// What is kept for a key, if anything is; that counts as a use.
  mutating func value(for key: Key) -> Value? {
    guard let entry = entries[key] else { return nil }
    uses += 1
    entries[key]!.lastUse = uses
    return entry.value
  }

  /// Keeps a value in place of what was kept for the key.
  mutating func keep(_ value: Value, for key: Key) {
    uses += 1
    if entries[key] == nil, entries.count >= capacity,
      let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse })?.key
    {
      entries[oldest] = nil
    }
    entries[key] = (value, uses)
  }
}
