import TextExtraction

/// Gathers a document's blocks, tidies their text, and says when there is enough.
struct BlockCollector {
  private(set) var blocks: [Block] = []
  /// Why what was gathered is not all; the first reason stays.
  private(set) var partial: String?
  private var bytes = 0
  let deadline: ContinuousClock.Instant

  init(deadline: ContinuousClock.Instant) { self.deadline = deadline }

  var isEmpty: Bool { blocks.isEmpty }

  mutating func cut(_ reason: String) { partial = partial ?? reason }

  /// Whether to stop: a limit of the text is reached, or the time is up.
  mutating func isFull() -> Bool {
    if partial != nil { return true }
    if ContinuousClock.now >= deadline { partial = "deadline" }
    return partial != nil
  }

  /// Adds a block, unless its text is blank. Control characters go, runs of blanks become one blank (in code they stay).
  mutating func add(_ kind: Block.Kind, _ text: String, page: Int? = nil) {
    guard partial != "limit" else { return }
    var tidy = kind == .code ? TextTidying.code(text) : TextTidying.prose(text)
    guard !tidy.isEmpty else { return }
    let left = ExtractionMessage.maximumTextBytes - bytes
    if tidy.utf8.count > left || blocks.count == ExtractionMessage.maximumBlocks {
      partial = "limit"
      guard left > 0, blocks.count < ExtractionMessage.maximumBlocks else { return }
      tidy = String(tidy.unicodeScalars.prefix(upTo: tidy.utf8.index(tidy.startIndex, offsetBy: left)))
      if tidy.isEmpty { return }
    }
    bytes += tidy.utf8.count
    blocks.append(Block(kind: kind, text: tidy, page: page))
  }

  /// The document's text, named after its first heading where it does not name itself; skipped for `blank` where there is none, failed where it was broken before any.
  func outcome(type: String, title: String?, blank: String) -> ExtractionOutcome {
    if blocks.isEmpty {
      return partial.map { .failed(reason: $0, detail: "before any text") } ?? .skipped(reason: blank, detail: nil)
    }
    var title = title.map { TextTidying.prose($0) } ?? ""
    if title.isEmpty, let first = blocks.first, case .heading = first.kind { title = first.text }
    title = String(title.unicodeScalars.prefix(500))
    return .text(
      ExtractedText(type: type, title: title.isEmpty ? nil : title, blocks: blocks, partial: partial))
  }
}
