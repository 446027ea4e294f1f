/// A document's blocks as one text, and where in it each block lies.
///
/// Two blocks are parted by an empty line; by a single line break where both are items of a list, or rows, or code.
struct JoinedText {
  let text: String
  /// The UTF-8 offsets of each block.
  let ranges: [Range<Int>]

  init(_ blocks: [Block]) {
    var text = ""
    var ranges: [Range<Int>] = []
    text.reserveCapacity(blocks.reduce(0) { $0 + $1.text.utf8.count + 2 })
    ranges.reserveCapacity(blocks.count)
    var count = 0
    for (index, block) in blocks.enumerated() {
      if index > 0 {
        let separator = Self.separator(blocks[index - 1].kind, block.kind)
        text += separator
        count += separator.utf8.count
      }
      text += block.text
      ranges.append(count..<count + block.text.utf8.count)
      count += block.text.utf8.count
    }
    self.text = text
    self.ranges = ranges
  }

  private static func separator(_ first: Block.Kind, _ second: Block.Kind) -> String {
    switch (first, second) {
    case (.listItem, .listItem), (.tableRow, .tableRow), (.code, .code): "\n"
    default: "\n\n"
    }
  }
}
