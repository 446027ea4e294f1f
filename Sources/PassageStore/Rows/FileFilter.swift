package import SystemPackage

/// Which files are asked for. Nil means "any"; all that is given must hold.
package struct FileFilter: Sendable {
  package var shares: Set<Int64>?
  package var states: Set<FileState>?
  /// This file or directory and all below it.
  package var under: FilePath?
  /// Matched against the path relative to the share's root.
  package var glob: PathGlob?

  package init(
    shares: Set<Int64>? = nil, states: Set<FileState>? = nil, under: FilePath? = nil, glob: PathGlob? = nil
  ) {
    self.shares = shares
    self.states = states
    self.under = under
    self.glob = glob
  }
}
