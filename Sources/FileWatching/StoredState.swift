package import LinuxSystem

/// What the index remembers of one file: the attributes that went with the bytes it read, and how that went.
package struct StoredState: Sendable, Hashable {
  package enum Progress: String, Sendable, Hashable {
    /// Queued, or under way when the daemon ended.
    case waiting
    case indexed
    /// Looked at and left alone for a reason that lasts while the bytes do: unsupported, too big, not a regular file.
    case skipped
    case failed
    /// Left alone until it changes, because it harmed its worker too often.
    case quarantined
  }

  /// The attributes at the read. `updateAttributes` replaces mode, owner, group and ACL, but not `changed`.
  package var attributes: FileAttributes
  package var contentHash: SHA256Digest?
  /// When the last read of its bytes began, by the wall clock, in nanoseconds since 1970; nil before the first.
  package var readAt: Int64?
  package var progress: Progress
  /// Extractions begun since the content last changed.
  package var attempts: Int

  package init(
    attributes: FileAttributes, contentHash: SHA256Digest?, readAt: Int64?, progress: Progress, attempts: Int
  ) {
    self.attributes = attributes
    self.contentHash = contentHash
    self.readAt = readAt
    self.progress = progress
    self.attempts = attempts
  }
}
