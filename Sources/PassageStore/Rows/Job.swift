package import SystemPackage

/// Why a path is to be looked at. The order is that of strength: of two causes for one path the stronger one stays.
package enum JobCause: Int, Sendable, Hashable, Comparable, CaseIterable {
  /// A crawl found a difference.
  case crawl
  /// An event that says nothing of the content: a creation, a rename, permissions.
  case look
  /// An event of the content: the file must be hashed whatever its time stamps say.
  case content
  /// A person asked for another attempt.
  case retry
  /// A person asked for it to be read anew even where nothing changed.
  case reindex

  package static func < (left: JobCause, right: JobCause) -> Bool { left.rawValue < right.rawValue }

  /// Whether somebody may be waiting for it: such jobs are claimed before those of crawls, however many there are.
  var isUrgent: Bool { self == .look || self == .content || self == .retry }
}

/// An intent to look at a path.
package struct JobRequest: Sendable, Hashable {
  package let share: Int64
  /// Relative to the share's root.
  package let path: FilePath
  package let cause: JobCause
  /// Nanoseconds since 1970: not to be claimed before.
  package let notBefore: Int64

  package init(share: Int64, path: FilePath, cause: JobCause, notBefore: Int64) {
    self.share = share
    self.path = path
    self.cause = cause
    self.notBefore = notBefore
  }
}

/// A path of the queue that was claimed.
package struct Job: Sendable, Hashable {
  package let id: Int64
  package let share: Int64
  package let path: FilePath
  package let cause: JobCause
  /// Goes up with every newer event for the path: a job whose generation moved is done again.
  package let generation: Int64
  /// Extractions started so far and not brought to an end.
  package let attempts: Int

  package init(id: Int64, share: Int64, path: FilePath, cause: JobCause, generation: Int64, attempts: Int) {
    self.id = id
    self.share = share
    self.path = path
    self.cause = cause
    self.generation = generation
    self.attempts = attempts
  }
}
