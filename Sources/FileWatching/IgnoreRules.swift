import LinuxSystem
package import SystemPackage

/// Which paths of a share are none of ours: hidden files, what editors and downloads leave lying about, and what the
/// administrator's patterns name.
///
/// ```swift
/// let rules = try IgnoreRules(patterns: ["/archive/", "*.bak", "!keep.bak"])
/// rules.ignores("archive/1999/letter.txt", isDirectory: false)   // true: its directory is ignored
/// ```
///
/// A directory that is ignored is neither watched nor listed, so that nothing beneath it can be taken back by `!`. The
/// last pattern that fits an entry decides; the built-in rules come before all of them. Pure: nothing here looks at a
/// file system. Rules found in the share itself (`.fumikuraignore`) will be further patterns anchored at their folder.
package struct IgnoreRules: Sendable, Hashable {
  private let ignoresHidden: Bool
  private let ignoresTemporaries: Bool
  private let patterns: [GlobPattern]

  /// The built-in rules alone.
  package static let standard = IgnoreRules(ignoresHidden: true, ignoresTemporaries: true, patterns: [])
  /// Ignores nothing.
  package static let none = IgnoreRules(ignoresHidden: false, ignoresTemporaries: false, patterns: [])

  /// Files that programs make for themselves. Files alone: a folder may well be called 4913 or `old~`. Case is ignored,
  /// since Windows clients write `~$REPORT.DOCX` and `.TMP` as they like.
  private static let temporaries = [
    "~$*", ".#*", "#*#", "*~", "*.swp", "*.part", "*.tmp", "*.crdownload", "4913", "Thumbs.db", ".DS_Store",
  ].map { try! GlobPattern($0) }

  /// - Parameters:
  ///   - hidden: ignore names with a leading dot, directories too.
  ///   - editorTemporaries: ignore what editors, browsers and file managers make for themselves.
  ///   - patterns: as in gitignore(5), in order.
  package init(
    hidden: Bool = true, editorTemporaries: Bool = true, patterns: [String] = []
  ) throws(IgnoreRuleError) {
    var parsed: [GlobPattern] = []
    for pattern in patterns { parsed.append(try GlobPattern(pattern)) }
    self.init(ignoresHidden: hidden, ignoresTemporaries: editorTemporaries, patterns: parsed)
  }

  private init(ignoresHidden: Bool, ignoresTemporaries: Bool, patterns: [GlobPattern]) {
    self.ignoresHidden = ignoresHidden
    self.ignoresTemporaries = ignoresTemporaries
    self.patterns = patterns
  }

  /// Whether a path, relative to its share's root, is ignored by itself or by any directory above it.
  package func ignores(_ path: FilePath, isDirectory: Bool) -> Bool {
    let components = Self.components(path.bytes)
    return components.indices.contains { index in
      let isLast = index == components.count - 1
      return ignoresLast(of: Array(components[...index]), isDirectory: !isLast || isDirectory)
    }
  }

  /// Whether an entry of a directory that is not ignored is ignored: `path` are its bytes from the share's root.
  func ignoresEntry(_ path: [UInt8], isDirectory: Bool) -> Bool {
    // Without patterns that look at the whole path, the name says all.
    guard dependsOnDirectories else {
      let start = path.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0
      return ignoresLast(of: [path[start...]], isDirectory: isDirectory)
    }
    return ignoresLast(of: Self.components(path), isDirectory: isDirectory)
  }

  /// Whether the same name may be ignored in one directory and not in another, so that a move can change it.
  var dependsOnDirectories: Bool { patterns.contains { $0.isAnchored } }

  private func ignoresLast(of components: [ArraySlice<UInt8>], isDirectory: Bool) -> Bool {
    guard let name = components.last else { return false }
    var ignored =
      ignoresHidden && name.first == UInt8(ascii: ".")
      || ignoresTemporaries && !isDirectory
        && Self.temporaries.contains { $0.matches([name], isDirectory: false, ignoringCase: true) }
    for pattern in patterns
    where pattern.isNegated == ignored && pattern.matches(components, isDirectory: isDirectory) {
      ignored.toggle()
    }
    return ignored
  }

  private static func components(_ path: [UInt8]) -> [ArraySlice<UInt8>] { path.split(separator: UInt8(ascii: "/")) }
}
