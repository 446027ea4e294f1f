package import SystemPackage

/// A pattern over the bytes of a path: `*` and `?` stop at slashes, `**` does not, `[a-z]` and `[!a-z]` are sets,
/// a backslash takes the next byte as it is.
package struct PathGlob: Sendable, Hashable {
  package let pattern: String

  package init(_ pattern: String) { self.pattern = pattern }

  package func matches(_ path: FilePath) -> Bool { fatalError() }
}
