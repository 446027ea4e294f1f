/// Cuts a stream of bytes into lines, holding at most one unfinished line of bounded length.
struct LineFramer {
  enum Piece: Equatable {
    /// A line without its newline.
    case line([UInt8])
    /// A line grew past the limit; nothing after it is looked at.
    case tooLong
  }

  /// Bytes of a line, without its newline.
  let limit: Int
  private(set) var unfinished: [UInt8] = []
  private var isBroken = false

  init(limit: Int) { self.limit = limit }

  /// The lines that `bytes` finish, in order.
  mutating func add(_ bytes: [UInt8]) -> [Piece] {
    guard !isBroken else { return [] }
    var pieces: [Piece] = []
    var rest = bytes[...]
    while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
      guard unfinished.count + (end - rest.startIndex) <= limit else { return pieces + giveUp() }
      pieces.append(.line(unfinished + rest[..<end]))
      unfinished = []
      rest = rest[(end + 1)...]
    }
    guard unfinished.count + rest.count <= limit else { return pieces + giveUp() }
    unfinished.append(contentsOf: rest)
    return pieces
  }

  /// What stands without a newline when the stream ends, nil where nothing does.
  mutating func finish() -> [UInt8]? {
    defer { unfinished = [] }
    return unfinished.isEmpty ? nil : unfinished
  }

  private mutating func giveUp() -> [Piece] {
    isBroken = true
    unfinished = []
    return [.tooLong]
  }
}
