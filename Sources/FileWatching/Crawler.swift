import Glibc
package import LinuxSystem
package import SystemPackage

/// Walks a share, or a part of one, beneath its root and nowhere else.
///
/// Everything is reached through `ShareRoot`: no component of a path may be a symbolic link, so that a walk can neither
/// leave the share nor run in a circle. Nothing is opened for reading but directories. Attributes come from descriptors.
///
/// Order: a directory before what is in it, and the entries of each directory by the bytes of their names. Memory is
/// bounded by `namesAtOnce` for each level of depth, however many entries a directory has: a larger one is read in
/// several passes, each of which keeps the next names in order. What is there all the while is always found; what comes
/// or goes meanwhile may be.
package struct Crawler: Sendable {
  private let namesAtOnce: Int

  package init(namesAtOnce: Int = 65_536) {
    precondition(namesAtOnce > 0)
    self.namesAtOnce = namesAtOnce
  }

  /// Visits `under` itself (empty: the root) and, where it is a directory, everything beneath it that is not ignored.
  ///
  /// - Throws: the error of `under` where it cannot be looked at, also where it is gone (`Finding.isAbsence`); and whatever `visit` throws,
  ///   which ends the walk.
  package func crawl(
    _ root: ShareRoot, under: FilePath, ignore: IgnoreRules, visit: (FoundEntry) throws -> Void
  ) throws {
    let attributes = try root.attributes(of: under)
    guard attributes.kind == .directory else {
      return try visit(FoundEntry(path: under, attributes: attributes, error: nil))
    }
    var open: [OpenDirectory] = []
    func enter(_ path: [UInt8], _ attributes: FileAttributes) throws {
      var directory = OpenDirectory(path: path, inode: attributes.inode, device: attributes.device)
      var failure: LinuxError?
      do throws(LinuxError) {
        try directory.readNames(in: root, ignore: ignore, atOnce: namesAtOnce)
      } catch {
        // Gone since, or replaced by something else: an event will speak of it, and the next crawl will see it.
        if Finding.isAbsence(error) && !path.isEmpty { return }
        failure = error
      }
      try visit(FoundEntry(path: FilePath(bytes: path), attributes: attributes, error: failure))
      open.append(directory)
    }
    try enter(under.bytes, attributes)
    while !open.isEmpty {
      guard let name = open[open.count - 1].names.popLast() else {
        guard open[open.count - 1].hasMore else {
          open.removeLast()
          continue
        }
        let directory = FilePath(bytes: open[open.count - 1].path)
        do throws(LinuxError) {
          try open[open.count - 1].readNames(in: root, ignore: ignore, atOnce: namesAtOnce)
        } catch {
          open[open.count - 1].hasMore = false
          if !Finding.isAbsence(error) {
            try visit(FoundEntry(path: directory, attributes: nil, error: error))
          }
        }
        continue
      }
      let path = joined(open[open.count - 1].path, name)
      switch Finding.at(FilePath(bytes: path), in: root) {
      case .gone: continue
      case .unreadable(let error):
        try visit(FoundEntry(path: FilePath(bytes: path), attributes: nil, error: error))
      case .found(let attributes):
        let isDirectory = attributes.kind == .directory
        if ignore.ignoresEntry(path, isDirectory: isDirectory) { continue }
        if isDirectory {
          try enter(path, attributes)
        } else {
          try visit(FoundEntry(path: FilePath(bytes: path), attributes: attributes, error: nil))
        }
      }
    }
  }
}

/// A directory under way: the names that come next, and where to go on after them. No descriptor is held meanwhile, so
/// that depth costs none.
private struct OpenDirectory {
  let path: [UInt8]
  let inode: UInt64
  let device: UInt64
  /// In falling order: the next is the last.
  var names: [[UInt8]] = []
  /// Whether there may be names after `last`.
  var hasMore = true
  private var last: [UInt8]?

  init(path: [UInt8], inode: UInt64, device: UInt64) {
    self.path = path
    self.inode = inode
    self.device = device
  }

  /// Reads the directory and keeps the first `count` names after `last`.
  mutating func readNames(in root: ShareRoot, ignore: IgnoreRules, atOnce count: Int) throws(LinuxError) {
    let filePath = FilePath(bytes: path)
    let descriptor = try root.open(filePath, for: .listing)
    let attributes = try FileAttributes.of(descriptor: descriptor.rawValue)
    guard attributes.inode == inode && attributes.device == device else {
      throw LinuxError(call: "open", subject: root.absolute(filePath).string, code: .noSuchFileOrDirectory)
    }
    var kept: [[UInt8]] = []
    var ceiling: [UInt8]?
    let last = last
    func keepFirst() {
      kept.sort { $0.lexicographicallyPrecedes($1) }
      if kept.count > count {
        kept.removeLast(kept.count - count)
        ceiling = kept.last
      }
    }
    try DirectoryListing.read(descriptor, of: filePath) { name, kind in
      if let last, !last.lexicographicallyPrecedes(name) { return }
      if let ceiling, !name.lexicographicallyPrecedes(ceiling) { return }
      // Where the kind is known, what is ignored need not be looked at.
      if kind != .unknown && ignore.ignoresEntry(joined(path, name), isDirectory: kind == .directory) { return }
      kept.append(name)
      if kept.count >= 2 * count { keepFirst() }
    }
    keepFirst()
    hasMore = ceiling != nil
    self.last = kept.last ?? last
    names = kept.reversed()
  }
}

/// `directory/name`; the name alone beneath the root.
func joined(_ directory: [UInt8], _ name: [UInt8]) -> [UInt8] {
  directory.isEmpty ? name : directory + [UInt8(ascii: "/")] + name
}
