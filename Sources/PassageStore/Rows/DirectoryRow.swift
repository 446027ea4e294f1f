package import LinuxSystem
package import SystemPackage

/// A directory with its permissions: all of a share's, and every one above its root up to `/`.
package struct DirectoryRow: Sendable, Hashable {
  /// The share that it lies in; nil for a directory above a share's root.
  package let share: Int64?
  /// Absolute.
  package let path: FilePath
  package let attributes: FileAttributes

  package init(share: Int64?, path: FilePath, attributes: FileAttributes) {
    self.share = share
    self.path = path
    self.attributes = attributes
  }
}
