import Foundation
import Glibc
import SystemPackage

/// Fumikura's programs, which are installed side by side.
enum Programs {
  /// This program's own file.
  static let own: FilePath = {
    var buffer = [CChar](repeating: 0, count: 4097)
    let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
    precondition(count > 0, "/proc/self/exe cannot be read: is /proc mounted?")
    return FilePath(platformString: buffer)
  }()

  /// The program `name` beside this one.
  static func sibling(_ name: String) throws -> FilePath {
    let path = own.removingLastComponent().appending(name)
    guard access(path.string, X_OK) == 0 else {
      throw LabError.unusable(
        "\(path) is missing or cannot be executed: \(name) is built and installed with this program")
    }
    return path
  }
}
