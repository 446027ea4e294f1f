import PassageStore
package import SystemPackage

/// Where a passage is kept, as classes are made of it.
package struct PassagePlace: Sendable, Hashable {
  package let file: Int
  /// Of the file, absolute.
  package let path: FilePath
  /// The names of the folders that the file lies in, that of its share (its number) first.
  package let folders: [String]

  package init(file: Int, path: FilePath, folders: [String]) {
    self.file = file
    self.path = path
    self.folders = folders
  }

  /// Nil for a share that is not known.
  init?(_ origin: VectorOrigin, roots: [Int64: FilePath]) {
    guard let root = roots[origin.share] else { return nil }
    self.init(
      file: Int(origin.file), path: root.pushing(origin.path),
      folders: ["\(origin.share)"] + origin.path.removingLastComponent().components.map(\.string))
  }
}
