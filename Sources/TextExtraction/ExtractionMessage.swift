/// What the pool and a worker say to each other over their socket.
///
/// A message is a frame: its length as a UInt32, then so many bytes. All numbers are little-endian; a string is its
/// length as a UInt32 and UTF-8. The pool sends requests, one at a time, each with the file's descriptor; the worker
/// sends `ready` once it has confined itself, then one reply to each request, with that request's number. A worker is
/// not trusted: every length is checked against what is there, and texts must be UTF-8.
package enum ExtractionMessage {
  /// A worker's exit status for "an allocation failed".
  package static let memoryExitStatus: CInt = 96
  /// A frame's bytes after its length. 16 MiB of text and what it takes to say where its blocks are.
  package static let maximumReplyBytes = 32 << 20
  package static let maximumRequestBytes = 1024
  /// Bytes of UTF-8 of all blocks together, and blocks: beyond them a document's text is cut.
  package static let maximumTextBytes = 16 << 20
  package static let maximumBlocks = 400_000

  package struct Request: Sendable, Equatable {
    package var number: UInt64
    /// Time after which the worker ends what it does and replies with what it has; the pool kills it some time later.
    package var milliseconds: UInt32
    /// The last component of the file's path, at most 255 bytes.
    package var name: [UInt8]

    package init(number: UInt64, milliseconds: UInt32, name: [UInt8]) {
      self.number = number
      self.milliseconds = milliseconds
      self.name = name
    }

    /// The whole frame.
    package func encoded() -> [UInt8] {
      var writer = FrameWriter()
      writer.append(number)
      writer.append(milliseconds)
      writer.append(name)
      return writer.frame()
    }

    /// From a frame's bytes after its length.
    package init(decoding bytes: [UInt8]) throws(MalformedMessage) {
      var reader = FrameReader(bytes)
      number = try reader.integer(UInt64.self)
      milliseconds = try reader.integer(UInt32.self)
      name = try reader.bytes()
      try reader.end()
    }
  }

  package enum Reply: Sendable, Equatable {
    case ready
    /// The worker could not confine itself, and ends.
    case unable(String)
    case outcome(ExtractionOutcome, number: UInt64)

    /// The whole frame.
    package func encoded() -> [UInt8] {
      var writer = FrameWriter()
      switch self {
      case .ready: writer.append(UInt8(0))
      case .unable(let why):
        writer.append(UInt8(1))
        writer.append(why)
      case .outcome(.skipped(let reason, let detail), let number):
        writer.append(UInt8(2))
        writer.append(number)
        writer.append(reason)
        writer.append(detail ?? "")
      case .outcome(.failed(let reason, let detail), let number):
        writer.append(UInt8(3))
        writer.append(number)
        writer.append(reason)
        writer.append(detail ?? "")
      case .outcome(.text(let text), let number):
        writer.append(UInt8(4))
        writer.append(number)
        writer.append(text.type)
        writer.append(text.title ?? "")
        writer.append(text.partial ?? "")
        writer.append(UInt32(text.blocks.count))
        for block in text.blocks {
          writer.append(Self.code(of: block.kind))
          writer.append(UInt32(block.page ?? 0))
          writer.append(block.text)
        }
      }
      return writer.frame()
    }

    /// From a frame's bytes after its length.
    package init(decoding bytes: [UInt8]) throws(MalformedMessage) {
      var reader = FrameReader(bytes)
      let kind = try reader.integer(UInt8.self)
      switch kind {
      case 0: self = .ready
      case 1: self = .unable(try reader.string(upTo: 1024))
      case 2, 3:
        let number = try reader.integer(UInt64.self)
        let reason = try reader.word()
        let detail = try reader.string(upTo: 1024)
        let shown = detail.isEmpty ? nil : detail
        self = .outcome(
          kind == 2 ? .skipped(reason: reason, detail: shown) : .failed(reason: reason, detail: shown), number: number)
      case 4:
        let number = try reader.integer(UInt64.self)
        let type = try reader.word()
        let title = try reader.string(upTo: 4096)
        let partial = try reader.wordOrNothing()
        let count = Int(try reader.integer(UInt32.self))
        guard count <= ExtractionMessage.maximumBlocks else {
          throw MalformedMessage("\(count) blocks, expected at most \(ExtractionMessage.maximumBlocks)")
        }
        var blocks: [Block] = []
        // Each takes nine bytes at least, so that a lie about the count costs nothing.
        blocks.reserveCapacity(min(count, bytes.count / 9))
        for _ in 0..<count {
          let kind = try Self.kind(of: try reader.integer(UInt8.self))
          let page = try reader.integer(UInt32.self)
          let text = try reader.string(upTo: ExtractionMessage.maximumReplyBytes)
          blocks.append(Block(kind: kind, text: text, page: page == 0 ? nil : Int(page)))
        }
        self = .outcome(
          .text(ExtractedText(type: type, title: title.isEmpty ? nil : title, blocks: blocks, partial: partial)),
          number: number)
      default: throw MalformedMessage("a reply of kind \(kind), expected 0 to 4")
      }
      try reader.end()
    }

    private static func code(of kind: Block.Kind) -> UInt8 {
      switch kind {
      case .paragraph: 0
      case .listItem: 1
      case .tableRow: 2
      case .code: 3
      case .heading(let level): 16 + UInt8(clamping: max(1, min(level, 9)))
      }
    }

    private static func kind(of code: UInt8) throws(MalformedMessage) -> Block.Kind {
      switch code {
      case 0: .paragraph
      case 1: .listItem
      case 2: .tableRow
      case 3: .code
      case 17...25: .heading(level: Int(code) - 16)
      default: throw MalformedMessage("a block of kind \(code)")
      }
    }
  }
}

/// A message that is not what the other side should have sent.
package struct MalformedMessage: Error, CustomStringConvertible, Equatable {
  package let description: String

  init(_ description: String) { self.description = description }
}
