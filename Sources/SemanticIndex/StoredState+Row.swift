import FileWatching
import LinuxSystem
import PassageStore

extension StoredState {
  /// What the decision needs of a row.
  init(row: FileRow) {
    let progress: Progress =
      switch row.state {
      case .indexed: .indexed
      case .skipped: .skipped
      case .failed: .failed
      case .quarantined: .quarantined
      }
    self.init(
      attributes: row.attributes, contentHash: row.contentHash, readAt: row.readAt == 0 ? nil : row.readAt,
      progress: progress, attempts: row.attempts)
  }
}

extension Cause {
  init(_ cause: JobCause) {
    self =
      switch cause {
      case .crawl: .crawl
      case .look: .attributeEvent
      case .content, .retry, .reindex: .contentEvent
      }
  }
}

extension Action.SkipReason {
  /// The stable word, and a sentence for people.
  var words: (reason: String, detail: String) {
    switch self {
    case .notRegular(let kind): ("not-regular", "it is a \(kind.rawValue), which is never read")
    case .tooBig(let size, let limit): ("too-big", "\(size) bytes, more than the limit of \(limit)")
    }
  }
}

extension FileAttributes {
  /// Whether a file with `other`, as far as attributes tell, is the same file with the same content.
  func hasContent(of other: FileAttributes) -> Bool {
    inode == other.inode && size == other.size && modified == other.modified
  }

  /// Whether what decides who may read the file is the same.
  func hasPermissions(of other: FileAttributes) -> Bool {
    mode == other.mode && userID == other.userID && groupID == other.groupID && acl == other.acl
  }

  /// The same, readable for administrators alone: for a text of which it is not certain who could read it.
  var closed: FileAttributes {
    var closed = self
    closed.mode = 0
    closed.acl = nil
    return closed
  }

  /// Takes over what decides who may read the file, and the device; not the times, which go with the last read.
  mutating func takePermissions(of other: FileAttributes) {
    mode = other.mode
    userID = other.userID
    groupID = other.groupID
    acl = other.acl
    device = other.device
  }
}
