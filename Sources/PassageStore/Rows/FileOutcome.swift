package import LinuxSystem
package import SystemPackage

/// What became of a file that has no passages.
package struct FileOutcome: Sendable, Hashable {
  package var share: Int64
  /// Relative to the share's root.
  package var path: FilePath
  /// Nil where they could not be read: those known before stay, else they are `FileAttributes.unknown`.
  package var attributes: FileAttributes?
  package var contentHash: SHA256Digest?
  /// Nanoseconds since 1970.
  package var readAt: Int64
  /// Not `indexed`.
  package var state: FileState
  /// A short stable word.
  package var reason: String
  package var detail: String?
  package var type: String?

  package init(
    share: Int64, path: FilePath, attributes: FileAttributes?, contentHash: SHA256Digest?, readAt: Int64,
    state: FileState, reason: String, detail: String? = nil, type: String? = nil
  ) {
    self.share = share
    self.path = path
    self.attributes = attributes
    self.contentHash = contentHash
    self.readAt = readAt
    self.state = state
    self.reason = reason
    self.detail = detail
    self.type = type
  }
}
