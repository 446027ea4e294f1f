/// What the watch process tells the daemon: frames on a byte stream, in the order in which things happened.
///
/// An event of an id never comes before its `added`. A frame is its length (of what follows, u32), a kind (u8), and the
/// fields in the order of their declaration, numbers as u32, all little-endian; a name is what is left.
package enum WatchReport: Hashable, Sendable {
  /// inotify(7): `mask` and `cookie` as there; `name` is empty for an event of the directory itself.
  case event(id: UInt32, mask: UInt32, cookie: UInt32, name: [UInt8])
  case added(id: UInt32)
  /// The id could not be watched; `code` is an errno.
  case failed(id: UInt32, code: UInt32)
  /// Events were lost, of any id: by the kernel's queue, or because the daemon read too slowly.
  case overflow
}

extension WatchReport {
  /// The longest frame after its length: a name has at most 255 bytes, but some file systems allow more.
  package static let maximumLength = 13 + 4096

  /// Appends the frame.
  package func encode(to output: inout [UInt8]) {
    switch self {
    case .event(let id, let mask, let cookie, let name):
      output += bytes(UInt32(13 + name.count)) + [1] + bytes(id) + bytes(mask) + bytes(cookie) + name
    case .added(let id): output += bytes(5) + [2] + bytes(id)
    case .failed(let id, let code): output += bytes(9) + [3] + bytes(id) + bytes(code)
    case .overflow: output += bytes(1) + [4]
    }
  }

  /// The report in a frame without its length; nil where it is none.
  package init?(frame: ArraySlice<UInt8>) {
    let fields = frame.dropFirst()
    switch (frame.first, fields.count) {
    case (1, 12...):
      self = .event(
        id: number(fields), mask: number(fields.dropFirst(4)), cookie: number(fields.dropFirst(8)),
        name: Array(fields.dropFirst(12)))
    case (2, 4): self = .added(id: number(fields))
    case (3, 8): self = .failed(id: number(fields), code: number(fields.dropFirst(4)))
    case (4, 0): self = .overflow
    default: return nil
    }
  }
}
