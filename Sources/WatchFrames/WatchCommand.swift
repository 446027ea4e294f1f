/// What the daemon tells the watch process: one message each on a SOCK_SEQPACKET socket.
package enum WatchCommand: Hashable, Sendable {
  /// Watch the directory whose descriptor comes with the message, under this id. An id that is watched already moves to
  /// that directory. Answered by `added` or `failed`.
  case add(id: UInt32)
  /// Forget the id. Not answered; unknown ids are ignored.
  case remove(id: UInt32)
}

extension WatchCommand {
  /// Bytes of every encoded command: kind, then id, little-endian.
  package static let encodedLength = 5

  package var encoded: [UInt8] {
    switch self {
    case .add(let id): [1] + bytes(id)
    case .remove(let id): [2] + bytes(id)
    }
  }

  /// The command in a message; nil where it is none.
  package init?(_ message: some Collection<UInt8>) {
    guard message.count == Self.encodedLength else { return nil }
    let id = number(message.dropFirst())
    switch message.first {
    case 1: self = .add(id: id)
    case 2: self = .remove(id: id)
    default: return nil
    }
  }
}

/// Four bytes, least first.
func bytes(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }

/// The number of the first four bytes, least first.
func number(_ bytes: some Collection<UInt8>) -> UInt32 {
  bytes.prefix(4).enumerated().reduce(0) { $0 | UInt32($1.element) << (8 * UInt32($1.offset)) }
}
