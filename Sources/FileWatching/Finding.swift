package import LinuxSystem
package import SystemPackage

/// What a look at one path of a share found.
package enum Finding: Sendable, Hashable {
  case found(FileAttributes)
  /// Known not to be there. A path that has come to lead through a symbolic link is not in the share either.
  case gone
  /// It may be there; nothing may be concluded.
  case unreadable(LinuxError)

  /// Looks, without opening the file for reading and without following a link.
  package static func at(_ path: FilePath, in root: ShareRoot) -> Finding {
    do throws(LinuxError) {
      return .found(try root.attributes(of: path))
    } catch {
      return isAbsence(error) ? .gone : .unreadable(error)
    }
  }

  /// Whether the error of an open beneath the root says that nothing of the share is there.
  package static func isAbsence(_ error: LinuxError) -> Bool {
    switch error.code {
    // EXDEV: the path would leave the root, as through `..` after a move out of the share.
    case .noSuchFileOrDirectory, .notDirectory, .tooManySymbolicLinkLevels, .improperLink: true
    default: false
    }
  }
}
