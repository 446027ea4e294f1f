package import SystemPackage

/// One thing that was done to a file or a projector, for the audit journal.
package struct JournalEvent: Sendable, Hashable {
  /// Nanoseconds since 1970.
  package let time: Int64
  package let share: Int64?
  /// Relative to the share's root.
  package let path: FilePath?
  /// A short stable word: "indexed", "removed", "moved", "promoted"…
  package let kind: String
  package let detail: String?

  package init(time: Int64, share: Int64?, path: FilePath?, kind: String, detail: String? = nil) {
    self.time = time
    self.share = share
    self.path = path
    self.kind = kind
    self.detail = detail
  }
}
