package import LinuxSystem
package import SystemPackage

/// A shared folder that the store knows.
package struct ShareRow: Sendable, Hashable {
  package let id: Int64
  /// As configured; unique.
  package let name: String
  /// Absolute.
  package let root: FilePath
  /// The device of the root when it was registered: another one there later means that the share is unmounted.
  package let device: UInt64
  /// Goes up whenever events may have been lost (DESIGN §8.5).
  package let epoch: Int64
  /// Whose vectors all its passages have; nil while they have several models' or it has no passage yet.
  package let model: SHA256Digest?

  package init(
    id: Int64, name: String, root: FilePath, device: UInt64, epoch: Int64, model: SHA256Digest? = nil
  ) {
    self.id = id
    self.name = name
    self.root = root
    self.device = device
    self.epoch = epoch
    self.model = model
  }
}
