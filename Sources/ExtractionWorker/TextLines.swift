/// The lines of a text, ended by LF, CR LF or CR, without their ends; in one walk.
struct TextLines: Sequence, IteratorProtocol {
  private let text: String
  private var position: String.UTF8View.Index
  private let carriageReturns: Bool

  init(text: String) {
    var text = text
    text.makeContiguousUTF8()
    self.text = text
    position = text.utf8.startIndex
    // Alone only in files of old Macs, which have no LF at all.
    carriageReturns = !text.utf8.contains(0x0A)
  }

  mutating func next() -> Substring? {
    let utf8 = text.utf8
    guard position < utf8.endIndex else { return nil }
    let mark: UInt8 = carriageReturns ? 0x0D : 0x0A
    let end = utf8[position...].firstIndex(of: mark) ?? utf8.endIndex
    var line = text[position..<end]
    if line.utf8.last == 0x0D { line = Substring(line.unicodeScalars.dropLast()) }
    position = end < utf8.endIndex ? utf8.index(after: end) : end
    return line
  }
}
