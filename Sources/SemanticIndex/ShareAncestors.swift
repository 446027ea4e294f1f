import LinuxSystem
import SystemPackage

/// The directories above a share's root, up to `/`, as they are now. No events tell of them.
enum ShareAncestors {
  /// By the configured path; a link in it stands for the directory it leads to.
  /// - Returns: nil in place of attributes that cannot be asked: such a directory hides all below it from those who are
  ///   not administrators.
  static func named(above root: FilePath) -> [(path: FilePath, attributes: FileAttributes?)] {
    var result: [(path: FilePath, attributes: FileAttributes?)] = []
    var path = root
    while path.removeLastComponent() {
      result.append((path, try? ShareRoot(path: path).attributes))  // what cannot be asked is closed
    }
    return result
  }

  /// What they all require of who passes: those of the configured path, and those that really lie above, which are
  /// others where that path has links. Nil where one cannot be asked.
  static func rules(above root: ShareRoot) -> [AccessRule]? {
    guard let real = try? root.attributesAbove() else { return nil }  // what cannot be asked is closed
    var rules = real.map(AccessRule.init)
    for (_, attributes) in named(above: root.path) {
      guard let attributes else { return nil }
      let rule = AccessRule(attributes)
      if !rules.contains(rule) { rules.append(rule) }
    }
    return rules
  }
}
