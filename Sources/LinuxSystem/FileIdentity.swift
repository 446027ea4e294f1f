/// Which file or directory it is, whatever its name.
package struct FileIdentity: Equatable, Sendable {
  private let device: UInt64
  private let inode: UInt64

  package init(_ attributes: FileAttributes) {
    device = attributes.device
    inode = attributes.inode
  }
}
