package import LinuxSystem

/// A share and the number that hints call it by.
package struct ShareToWatch: Sendable {
  package let id: Int64
  /// For people.
  package let name: String
  package let root: ShareRoot
  /// What is neither watched nor told; nil: what the watcher ignores everywhere.
  package let ignore: IgnoreRules?

  package init(id: Int64, name: String, root: ShareRoot, ignore: IgnoreRules? = nil) {
    self.ignore = ignore
    self.id = id
    self.name = name
    self.root = root
  }
}
