package import LinuxSystem
package import SystemPackage

/// A model that vectors were made with, and where its file was when it was last opened.
package struct ModelRow: Sendable, Hashable {
  package let hash: SHA256Digest
  /// Nil for one that no file was remembered of.
  package let name: String?
  package let path: FilePath?
}
