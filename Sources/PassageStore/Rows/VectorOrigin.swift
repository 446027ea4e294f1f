package import SystemPackage

/// Where the text of a source vector is kept: of several places, that of the passage that was stored first.
package struct VectorOrigin: Sendable, Hashable {
  package let file: Int64
  package let share: Int64
  /// Of the file, within its share.
  package let path: FilePath

  package init(file: Int64, share: Int64, path: FilePath) {
    self.file = file
    self.share = share
    self.path = path
  }
}
