/// What one transaction changed, for those who keep a picture of the store in memory.
package struct CommittedFile: Sendable, Hashable {
  /// The file as it stands; after `remove`, as it stood.
  package let file: FileRow
  /// Ids of passages that are gone.
  package let removed: [Int64]
  package let added: [AddedPassage]
  /// Whether the store knew the file before.
  package let replacedFile: Bool

  package init(file: FileRow, removed: [Int64], added: [AddedPassage], replacedFile: Bool) {
    self.file = file
    self.removed = removed
    self.added = added
    self.replacedFile = replacedFile
  }
}

/// A passage that has a row now.
package struct AddedPassage: Sendable, Hashable {
  /// Never used again for another passage.
  package let passageID: Int64
  package let ordinal: Int
  package let vectorID: Int64

  package init(passageID: Int64, ordinal: Int, vectorID: Int64) {
    self.passageID = passageID
    self.ordinal = ordinal
    self.vectorID = vectorID
  }
}

/// Ids of what a removal of many files took away.
package struct RemovedFiles: Sendable, Hashable {
  package var files: [Int64] = []
  package var passages: [Int64] = []

  package init() {}
}

/// What a move did.
package struct MovedFiles: Sendable, Hashable {
  /// The files that moved, at their new paths.
  package let files: [FileRow]
  /// What had been at the target.
  package let replaced: RemovedFiles

  package init(files: [FileRow], replaced: RemovedFiles) {
    self.files = files
    self.replaced = replaced
  }
}
