package import LinuxSystem

/// What is to be done about one path.
package enum Action: Sendable, Hashable {
  case nothing
  /// Read and hash the file; extract it where the hash is new. `updatesAttributes`: mode, owner, group or ACL differ from
  /// the stored ones: what they forbid is to count at once; what they allow counts for the content that is then read.
  case read(ReadReason, updatesAttributes: Bool)
  /// Store mode, owner, group, ACL and device as found, and *nothing else*: not `changed`, which stays that of the last
  /// read, so that a later crawl sees that the file was touched since and reads it.
  case updateAttributes
  /// Take the file out of the index.
  case remove
  /// Keep it by name with its reason, and without text. It is not opened.
  case skip(SkipReason)

  /// Why a file must be read.
  package enum ReadReason: String, Sendable, Hashable {
    case new, contentEvent, size, modified, replaced, changed, racy, neverRead, unfinished, failedBefore
  }

  /// Why a file is left alone without a look at its bytes.
  package enum SkipReason: Sendable, Hashable {
    case notRegular(FileKind)
    /// Both in bytes.
    case tooBig(size: Int64, limit: Int64)
  }
}
