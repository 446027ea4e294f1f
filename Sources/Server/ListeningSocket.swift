import FumikuraProtocol
import Glibc
import LinuxSystem
import SystemPackage

/// A Unix stream socket that is bound and listens.
final class ListeningSocket: Sendable {
  let descriptor: OwnedDescriptor
  /// What to remove at the end: the path with the inode that was made there. Nil for an inherited socket.
  private let made: (path: FilePath, device: UInt64, inode: UInt64)?
  /// Held locked while the socket lives, so that two daemons cannot replace one another's.
  private let lock: OwnedDescriptor?

  private static let backlog: CInt = 512

  convenience init(_ socket: ServerConfiguration.Socket) throws(ServerError) {
    switch socket {
    case .inherited(let descriptor): try self.init(inherited: descriptor)
    case .path(let path, let groupID): try self.init(path: path, groupID: groupID)
    }
  }

  private init(inherited raw: CInt) throws(ServerError) {
    for (name, option, wanted) in [
      ("SO_DOMAIN", SO_DOMAIN, AF_UNIX), ("SO_TYPE", SO_TYPE, CInt(SOCK_STREAM.rawValue)),
      ("SO_ACCEPTCONN", SO_ACCEPTCONN, 1),
    ] {
      var value: CInt = 0
      var size = socklen_t(MemoryLayout<CInt>.size)
      guard getsockopt(raw, SOL_SOCKET, option, &value, &size) == 0 else {
        throw .notListening(descriptor: raw, reason: String(describing: Errno(rawValue: errno)))
      }
      guard value == wanted else {
        throw .notListening(descriptor: raw, reason: "\(name) is \(value), expected \(wanted)")
      }
    }
    try Self.prepare(raw)
    descriptor = OwnedDescriptor(raw)
    made = nil
    lock = nil
  }

  private init(path: FilePath, groupID: UInt32?) throws(ServerError) {
    let bytes = path.bytes
    let capacity = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1
    guard bytes.count <= capacity else {
      throw .pathTooLong(path: path.string, bytes: bytes.count, limit: capacity)
    }
    let lock = try Self.lock(beside: path)
    try Self.removeStale(path)
    let raw = Glibc.socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
    guard raw >= 0 else { throw .system(LinuxError(call: "socket", subject: path.string)) }
    let descriptor = OwnedDescriptor(raw)
    // Nobody can connect before listen, so owner and mode are right for the first who does.
    guard Self.withAddress(of: path, { bind(raw, $0, $1) }) == 0 else {
      throw .system(LinuxError(call: "bind", subject: path.string))
    }
    var status = stat()
    guard path.withPlatformString({ lstat($0, &status) }) == 0 else {
      throw .system(LinuxError(call: "lstat", subject: path.string))
    }
    if let groupID {
      guard path.withPlatformString({ lchown($0, uid_t.max, groupID) }) == 0 else {
        throw .system(LinuxError(call: "chown to group \(groupID)", subject: path.string))
      }
    }
    guard path.withPlatformString({ chmod($0, 0o660) }) == 0 else {
      throw .system(LinuxError(call: "chmod", subject: path.string))
    }
    guard listen(raw, Self.backlog) == 0 else {
      throw .system(LinuxError(call: "listen", subject: path.string))
    }
    try Self.prepare(raw)
    self.descriptor = descriptor
    self.lock = consume lock
    made = (path, UInt64(status.st_dev), UInt64(status.st_ino))
  }

  /// Takes the path away, where it is still the socket that was made.
  func removePath() {
    guard let made else { return }
    var status = stat()
    let isOurs =
      made.path.withPlatformString { lstat($0, &status) } == 0
      && UInt64(status.st_dev) == made.device && UInt64(status.st_ino) == made.inode
    if isOurs { _ = made.path.withPlatformString { unlink($0) } }
  }

  private static func prepare(_ raw: CInt) throws(ServerError) {
    let flags = fcntl(raw, F_GETFL)
    guard flags >= 0, fcntl(raw, F_SETFL, flags | O_NONBLOCK) == 0, fcntl(raw, F_SETFD, FD_CLOEXEC) == 0 else {
      throw .system(LinuxError(call: "fcntl", subject: "descriptor \(raw)"))
    }
  }

  private static func lock(beside path: FilePath) throws(ServerError) -> OwnedDescriptor {
    let name = FilePath(bytes: path.bytes + Array(".lock".utf8))
    let raw = name.withPlatformString { Glibc.open($0, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600) }
    guard raw >= 0 else { throw .system(LinuxError(call: "open", subject: name.string)) }
    let descriptor = OwnedDescriptor(raw)
    guard flock(raw, LOCK_EX | LOCK_NB) == 0 else {
      if errno == EWOULDBLOCK { throw .socketInUse(path: path.string) }
      throw .system(LinuxError(call: "flock", subject: name.string))
    }
    return descriptor
  }

  /// Removes a socket on which nobody answers any more.
  private static func removeStale(_ path: FilePath) throws(ServerError) {
    var status = stat()
    guard path.withPlatformString({ lstat($0, &status) }) == 0 else {
      if errno == ENOENT { return }
      throw .system(LinuxError(call: "lstat", subject: path.string))
    }
    guard status.st_mode & S_IFMT == S_IFSOCK else { throw .notASocket(path: path.string) }
    let raw = Glibc.socket(
      AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue), 0)
    guard raw >= 0 else { throw .system(LinuxError(call: "socket", subject: path.string)) }
    let probe = OwnedDescriptor(raw)
    let connected = withAddress(of: path) { connect(probe.rawValue, $0, $1) }
    // EAGAIN: somebody listens whose queue is full. Only a refusal says that nobody does.
    guard connected != 0, errno == ECONNREFUSED else { throw .socketInUse(path: path.string) }
    guard path.withPlatformString({ unlink($0) }) == 0 else {
      throw .system(LinuxError(call: "unlink", subject: path.string))
    }
  }

  private static func withAddress(
    of path: FilePath, _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt
  ) -> CInt {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.bytes) }
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
    }
  }
}
