import Glibc

/// A file descriptor that is closed when its owner goes.
package struct OwnedDescriptor: ~Copyable, Sendable {
  package let rawValue: CInt

  /// Takes over `rawValue`, which must be open and owned by nobody else.
  package init(_ rawValue: CInt) { self.rawValue = rawValue }

  deinit { close(rawValue) }

  /// Gives the descriptor away: the caller closes it.
  package consuming func release() -> CInt {
    let value = rawValue
    discard self
    return value
  }
}
