import LinuxSystem
import SystemPackage

/// The directories of all shares and every one above them, up to `/`, with who may pass through each.
///
/// A file is reachable for a caller only through directories that all grant search permission. What is unknown grants
/// nothing: a directory that was never seen hides all below it.
struct DirectoryTable {
  private struct Entry {
    var rule: AccessRule?
    /// The generation at which the rule became what it is.
    var changed: UInt64 = 0
    /// Index of the directory above; nil for `/`.
    let parent: Int32?
  }
  private var entries: [Entry] = []
  private var indices: [FilePath: Int32] = [:]

  /// The index of the absolute path, made (with unknown permissions) where it is new.
  mutating func index(of path: FilePath) -> Int32 {
    if let known = indices[path] { return known }
    var above = path
    let parent: Int32? = above.removeLastComponent() ? index(of: above) : nil
    let new = Int32(entries.count)
    entries.append(Entry(rule: nil, parent: parent))
    indices[path] = new
    return new
  }

  /// Whether `path` is known to grant just what `attributes` say; nil: that nothing is known of it.
  func isKnown(_ path: FilePath, _ attributes: FileAttributes?) -> Bool {
    indices[path].map { entries[Int($0)].rule == attributes.map(AccessRule.init) } ?? (attributes == nil)
  }

  /// Sets who may pass through `path`; nil: nobody knows. `generation` is noted where that is a change.
  mutating func set(_ attributes: FileAttributes?, for path: FilePath, generation: UInt64) {
    let index = Int(index(of: path))
    let rule = attributes.map(AccessRule.init)
    guard entries[index].rule != rule else { return }
    entries[index].rule = rule
    entries[index].changed = generation
  }

  /// The generation of the last change on the way down to a directory.
  func lastChange(above index: Int32) -> UInt64 {
    var latest: UInt64 = 0
    var next: Int32? = index
    while let index = next {
      latest = max(latest, entries[Int(index)].changed)
      next = entries[Int(index)].parent
    }
    return latest
  }

  /// Which directories the caller can pass into, by index: each one and all above it grant search.
  func passable(to caller: Credentials) -> [Bool] {
    var result = [Bool](repeating: false, count: entries.count)
    // A parent is always made before its child, so one pass in order suffices.
    for (index, entry) in entries.enumerated() {
      guard let rule = entry.rule, rule.allows(.search, to: caller) else { continue }
      result[index] = entry.parent.map { result[Int($0)] } ?? true
    }
    return result
  }
}
