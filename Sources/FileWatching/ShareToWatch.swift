package import LinuxSystem

/// A share and the number that hints call it by.
package struct ShareToWatch: Sendable {
  package let id: Int64
  /// For people.
  package let name: String
  package let root: ShareRoot

  package init(id: Int64, name: String, root: ShareRoot) {
    self.id = id
    self.name = name
    self.root = root
  }
}
