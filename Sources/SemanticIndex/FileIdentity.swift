import LinuxSystem

/// Which file or directory it is, whatever its name.
struct FileIdentity: Equatable {
  let device: UInt64
  let inode: UInt64

  init(_ attributes: FileAttributes) {
    device = attributes.device
    inode = attributes.inode
  }
}
