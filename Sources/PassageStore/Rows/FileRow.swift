package import LinuxSystem
package import SystemPackage

/// A file of a share as the store knows it.
package struct FileRow: Sendable, Hashable {
  /// Never used again for another file.
  package let id: Int64
  package let share: Int64
  /// Relative to the share's root.
  package let path: FilePath
  /// As they were when the file was last looked at. `FileAttributes.unknown` where they could not be read.
  package let attributes: FileAttributes
  /// Of the bytes that were read; nil where none were.
  package let contentHash: SHA256Digest?
  /// When the bytes were read, in nanoseconds since 1970.
  package let readAt: Int64
  package let state: FileState
  /// "pdf", "docx", "html", "markdown", "text"; nil where it is not known.
  package let type: String?
  package let title: String?
  /// Indexed as it stood while it was still being written.
  package let stale: Bool
  /// Why the text was cut, where it was.
  package let partial: String?
  /// A short stable word where the state is not `indexed`.
  package let reason: String?
  package let detail: String?
  /// Extractions started for the last outcome.
  package let attempts: Int
  /// How many passages it has.
  package let passages: Int

  package init(
    id: Int64, share: Int64, path: FilePath, attributes: FileAttributes, contentHash: SHA256Digest?, readAt: Int64,
    state: FileState, type: String? = nil, title: String? = nil, stale: Bool = false, partial: String? = nil,
    reason: String? = nil, detail: String? = nil, attempts: Int = 0, passages: Int = 0
  ) {
    self.id = id
    self.share = share
    self.path = path
    self.attributes = attributes
    self.contentHash = contentHash
    self.readAt = readAt
    self.state = state
    self.type = type
    self.title = title
    self.stale = stale
    self.partial = partial
    self.reason = reason
    self.detail = detail
    self.attempts = attempts
    self.passages = passages
  }
}

extension FileAttributes {
  /// Stands for attributes that could not be read: nobody but an administrator may see such a file.
  package static let unknown = FileAttributes(
    kind: .unknown, size: 0, modified: 0, changed: 0, inode: 0, device: 0, mode: 0, userID: 0, groupID: 0)
}
