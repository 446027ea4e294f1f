import CLinux
import Glibc

/// What kind of thing a path names.
package enum FileKind: String, Sendable, Hashable, Codable {
  case regular, directory, symbolicLink, fifo, socket, characterDevice, blockDevice, unknown

  init(mode: UInt32) {
    switch mode & S_IFMT {
    case S_IFREG: self = .regular
    case S_IFDIR: self = .directory
    case S_IFLNK: self = .symbolicLink
    case S_IFIFO: self = .fifo
    case S_IFSOCK: self = .socket
    case S_IFCHR: self = .characterDevice
    case S_IFBLK: self = .blockDevice
    default: self = .unknown
    }
  }
}

/// What `fstat` and the access ACL said of one open file or directory at one instant.
package struct FileAttributes: Hashable, Sendable, Codable {
  package var kind: FileKind
  /// Bytes.
  package var size: Int64
  /// Nanoseconds since 1970, as the file system keeps them.
  package var modified: Int64
  package var changed: Int64
  package var inode: UInt64
  package var device: UInt64
  /// Permission bits with set-id and sticky, without the kind: 0o7777 at most.
  package var mode: UInt32
  package var userID: UInt32
  package var groupID: UInt32
  /// The raw `system.posix_acl_access` attribute where the file has one.
  package var acl: [UInt8]?

  package init(
    kind: FileKind, size: Int64, modified: Int64, changed: Int64, inode: UInt64, device: UInt64, mode: UInt32,
    userID: UInt32, groupID: UInt32, acl: [UInt8]? = nil
  ) {
    self.kind = kind
    self.size = size
    self.modified = modified
    self.changed = changed
    self.inode = inode
    self.device = device
    self.mode = mode
    self.userID = userID
    self.groupID = groupID
    self.acl = acl
  }

  init(status: stat, acl: [UInt8]?) {
    self.init(
      kind: FileKind(mode: status.st_mode), size: Int64(status.st_size),
      modified: Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec),
      changed: Int64(status.st_ctim.tv_sec) * 1_000_000_000 + Int64(status.st_ctim.tv_nsec),
      inode: UInt64(status.st_ino), device: UInt64(status.st_dev), mode: status.st_mode & 0o7777,
      userID: status.st_uid, groupID: status.st_gid, acl: acl)
  }

  /// The attributes of what `descriptor` names; it may be an O_PATH descriptor.
  package static func of(descriptor: CInt) throws(LinuxError) -> FileAttributes {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw LinuxError(call: "fstat", subject: "descriptor \(descriptor)") }
    return FileAttributes(status: status, acl: try accessACL(path: "/proc/self/fd/\(descriptor)"))
  }

  /// The raw ACL behind a magic link of our own descriptor (fgetxattr refuses O_PATH ones), nil where there is none.
  private static func accessACL(path: String) throws(LinuxError) -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: 1024)
    while true {
      let count = fumikura_getxattr(path, "system.posix_acl_access", &buffer, buffer.count)
      if count >= 0 { return Array(buffer.prefix(count)) }
      switch errno {
      case ENODATA, EOPNOTSUPP: return nil
      case ERANGE: buffer = [UInt8](repeating: 0, count: buffer.count * 4)
      default: throw LinuxError(call: "getxattr", subject: path)
      }
    }
  }
}
