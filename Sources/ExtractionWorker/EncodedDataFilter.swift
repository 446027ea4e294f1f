/// Drops runs of three or more lines of base64 (mail parts, keys, pictures in text), which say nothing to anyone.
struct EncodedDataFilter {
  private var run: [Substring] = []
  private var dropping = false

  /// Whether lines wait, or the next one may be the tail of data.
  var isHolding: Bool { dropping || !run.isEmpty }

  /// Passes `line` on to `lines`, at once or later, or drops it.
  mutating func add(_ line: Substring, to lines: inout [Substring]) {
    if Self.isEncoded(line) {
      if dropping { return }
      run.append(line)
      if run.count == 3 {
        run = []
        dropping = true
      }
    } else {
      // The last line of encoded data is shorter.
      let tail = dropping && !line.isEmpty && line.utf8.count < 120 && line.utf8.allSatisfy(Self.isBase64)
      lines += run
      run = []
      dropping = false
      if !tail { lines.append(line) }
    }
  }

  mutating func finish(into lines: inout [Substring]) {
    lines += run
    run = []
  }

  private static func isEncoded(_ line: Substring) -> Bool {
    (56...120).contains(line.utf8.count) && line.utf8.allSatisfy(isBase64) && line.utf8.contains { $0 < 0x3A }
  }

  private static func isBase64(_ byte: UInt8) -> Bool {
    byte >= 0x30 && byte <= 0x39 || byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A || byte == 0x2B || byte == 0x2F
      || byte == 0x3D
  }
}
