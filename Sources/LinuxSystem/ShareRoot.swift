import CLinux
import Glibc
package import SystemPackage

/// The top directory of a share, held open: every file of the share is opened beneath it and nowhere else.
///
/// A path inside a share is *relative*: no leading slash, empty for the root itself. Opening refuses symbolic links in
/// every component (ELOOP), `..` that leaves the root (EXDEV) and magic links, so that a directory swapped for a link
/// cannot lead the daemon, which may read everything, out of the share.
package final class ShareRoot: Sendable {
  /// Absolute, as configured.
  package let path: FilePath
  /// Device and inode when it was opened: another device there later means that the share is unmounted.
  package let attributes: FileAttributes
  private let descriptor: CInt

  /// Opens the root. The path itself may go through symbolic links: the administrator named it.
  package init(path: FilePath) throws(LinuxError) {
    let descriptor = path.withPlatformString { Glibc.open($0, fumikura_o_path | O_DIRECTORY | O_CLOEXEC) }
    guard descriptor >= 0 else { throw LinuxError(call: "open", subject: path.string) }
    self.path = path
    self.descriptor = descriptor
    do throws(LinuxError) {
      attributes = try FileAttributes.of(descriptor: descriptor)
    } catch {
      close(descriptor)
      throw error
    }
  }

  private init(path: FilePath, descriptor: CInt, attributes: FileAttributes) {
    self.path = path
    self.descriptor = descriptor
    self.attributes = attributes
  }

  deinit { close(descriptor) }

  package enum Purpose: Sendable {
    /// To read a file's bytes: O_RDONLY | O_NONBLOCK, so that a FIFO does not hang the open.
    case content
    /// To list a directory.
    case listing
    /// To ask for attributes alone (O_PATH): opens anything, also what nobody may read, and wakes no device.
    case attributes
  }

  /// Opens what `relative` names beneath the root.
  package func open(_ relative: FilePath, for purpose: Purpose) throws(LinuxError) -> OwnedDescriptor {
    let flags =
      switch purpose {
      case .content: O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW
      case .listing: O_RDONLY | O_DIRECTORY | O_NOFOLLOW
      case .attributes: fumikura_o_path | O_NOFOLLOW
      }
    let name: FilePath = relative.isEmpty ? "." : relative
    let opened = name.withPlatformString { fumikura_openat_beneath(descriptor, $0, flags) }
    guard opened >= 0 else { throw LinuxError(call: "openat2", subject: absolute(relative).string) }
    return OwnedDescriptor(opened)
  }

  /// Attributes of what `relative` names; of the link itself where the last component is a symbolic link.
  package func attributes(of relative: FilePath) throws(LinuxError) -> FileAttributes {
    let opened = try open(relative, for: .attributes)
    return try FileAttributes.of(descriptor: opened.rawValue)
  }

  /// A directory beneath the root, held open as a root of its own: what is opened beneath it lies in the very directory
  /// whose attributes were asked, whatever its name has come to lead to since.
  package func directory(_ relative: FilePath) throws(LinuxError) -> ShareRoot {
    let name: FilePath = relative.isEmpty ? "." : relative
    let opened = name.withPlatformString {
      fumikura_openat_beneath(descriptor, $0, fumikura_o_path | O_DIRECTORY | O_NOFOLLOW)
    }
    guard opened >= 0 else { throw LinuxError(call: "openat2", subject: absolute(relative).string) }
    do throws(LinuxError) {
      return ShareRoot(
        path: absolute(relative), descriptor: opened, attributes: try FileAttributes.of(descriptor: opened))
    } catch {
      close(opened)
      throw error
    }
  }

  /// Goes down to a directory beneath the root, each directory opened in the one before: those that are visited are those
  /// that it lies in, whatever their names have come to lead to since.
  ///
  /// - Parameter visit: is handed every directory's relative path and attributes, the root's first; false ends the way.
  /// - Returns: the directory, held open; nil where `visit` ended it.
  package func descend(
    to relative: FilePath, visit: (FilePath, FileAttributes) -> Bool
  ) throws(LinuxError) -> ShareRoot? {
    var path = FilePath()
    var folder = try directory("")
    guard visit(path, folder.attributes) else { return nil }
    for name in relative.components {
      path.append(name)
      folder = try folder.directory(FilePath(root: nil, [name]))
      guard visit(path, folder.attributes) else { return nil }
    }
    return folder
  }

  /// The attributes of every directory above, the nearest first and `/` last, found by going up from the one that is
  /// held: so a link or a rename in the configured path cannot put others in their place.
  package func attributesAbove() throws(LinuxError) -> [FileAttributes] {
    let top = try ShareRoot(path: "/").attributes
    var above: [FileAttributes] = []
    var current = attributes
    var held = OwnedDescriptor(fcntl(descriptor, F_DUPFD_CLOEXEC, 0))
    while current.inode != top.inode || current.device != top.device {
      let next = Glibc.openat(held.rawValue, "..", fumikura_o_path | O_DIRECTORY | O_CLOEXEC)
      guard next >= 0 else { throw LinuxError(call: "openat", subject: "a directory above \(path)") }
      held = OwnedDescriptor(next)
      current = try FileAttributes.of(descriptor: next)
      above.append(current)
      // A file system that was unmounted while it is held has no way up to `/`: its top is above itself.
      guard above.count < Self.deepest else {
        throw LinuxError(call: "openat", subject: "a directory above \(path)", code: .tooManySymbolicLinkLevels)
      }
    }
    return above
  }

  /// PATH_MAX allows no longer chain of names.
  private static let deepest = 2048

  /// The absolute path of a relative one.
  package func absolute(_ relative: FilePath) -> FilePath {
    relative.isEmpty ? path : path.pushing(relative)
  }
}
