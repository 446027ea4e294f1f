import LinuxSystem
import SystemPackage

/// The directories above a share's root, up to `/`, with their permissions as they are now.
enum ShareAncestors {
  /// By the configured path; a link in it stands for the directory it leads to. What cannot be asked is left out, and
  /// hides all below it from those who are not administrators.
  static func attributes(above root: FilePath) -> [(path: FilePath, attributes: FileAttributes)] {
    var result: [(path: FilePath, attributes: FileAttributes)] = []
    var path = root
    while path.removeLastComponent() {
      if let opened = try? ShareRoot(path: path) { result.append((path, opened.attributes)) }
    }
    return result
  }
}
