package import LinuxSystem
package import SystemPackage

/// One thing that a crawl came by.
package struct FoundEntry: Sendable, Hashable {
  /// Relative to the share's root; empty for the root itself.
  package let path: FilePath
  /// Of the thing itself: of a symbolic link, not of where it leads. Nil where not even they could be had.
  package let attributes: FileAttributes?
  /// Why the attributes could not be had or, with attributes, why a directory could not be listed. What is stored
  /// beneath it is then to be kept, for nothing is known of it.
  package let error: LinuxError?
}
