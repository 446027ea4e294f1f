import CPoppler

/// A line of text on a page, in points from its upper left corner.
struct PDFLine {
  var text: String
  var left: Double
  var right: Double
  var top: Double
  var bottom: Double
  /// Font size in points.
  var size: Double

  /// The page's lines in reading order, as poppler sees it. What lies side by side in one row is one line.
  static func lines(of page: OpaquePointer) -> [PDFLine] {
    guard let pointer = poppler_page_get_text(page) else { return [] }
    defer { g_free(pointer) }
    let scalars = Array(String(cString: pointer).unicodeScalars)
    var rectangles: UnsafeMutablePointer<PopplerRectangle>?
    var count: guint = 0
    poppler_page_get_text_layout(page, &rectangles, &count)
    defer { g_free(rectangles) }
    // One rectangle a character; a text that is not laid out so is taken line by line.
    let boxes = Int(count) >= scalars.count ? rectangles.map { UnsafeBufferPointer(start: $0, count: Int(count)) } : nil
    let sizes = sizes(of: page, count: scalars.count)
    var result: [PDFLine] = []
    var start = 0
    while start < scalars.count {
      let end = scalars[start...].firstIndex(of: "\n") ?? scalars.count
      if let line = line(scalars, start..<end, boxes, sizes, row: result.count) {
        if let last = result.last, line.continuesRow(of: last) {
          result[result.count - 1].append(line)
        } else {
          result.append(line)
        }
      }
      start = end + 1
    }
    return result
  }

  private static func line(
    _ scalars: [Unicode.Scalar], _ range: Range<Int>, _ boxes: UnsafeBufferPointer<PopplerRectangle>?, _ sizes: [Float],
    row: Int
  ) -> PDFLine? {
    guard range.contains(where: { !scalars[$0].properties.isWhitespace }) else { return nil }
    var text = String.UnicodeScalarView()
    text.append(contentsOf: scalars[range])
    guard let boxes else {
      let top = Double(row) * 12
      return PDFLine(text: String(text), left: 0, right: 100, top: top, bottom: top + 10, size: 10)
    }
    var line = PDFLine(
      text: String(text), left: .infinity, right: -.infinity, top: .infinity, bottom: -.infinity, size: 0)
    var size = 0.0
    for index in range {
      let box = boxes[index]
      line.left = min(line.left, box.x1)
      line.right = max(line.right, box.x2)
      line.top = min(line.top, box.y1)
      line.bottom = max(line.bottom, box.y2)
      size += Double(sizes[index])
    }
    size /= Double(range.count)
    line.size = size > 0.5 && size < 1000 ? size : max(1, min(line.bottom - line.top, 1000))
    return line.left.isFinite && line.top.isFinite ? line : nil
  }

  /// The font size of each character, 0 where it is unknown.
  private static func sizes(of page: OpaquePointer, count: Int) -> [Float] {
    var sizes = [Float](repeating: 0, count: count)
    let list = poppler_page_get_text_attributes(page)
    defer { poppler_page_free_text_attributes(list) }
    var next = list
    while let item = next {
      if let attributes = item.pointee.data?.assumingMemoryBound(to: PopplerTextAttributes.self).pointee,
        attributes.start_index >= 0, attributes.start_index <= attributes.end_index
      {
        let range = Int(attributes.start_index)..<min(count, Int(attributes.end_index) + 1)
        if range.lowerBound < count { for index in range { sizes[index] = Float(attributes.font_size) } }
      }
      next = item.pointee.next
    }
    return sizes
  }

  /// Whether this line stands beside `other`, to its right.
  private func continuesRow(of other: PDFLine) -> Bool {
    abs(top - other.top) < 0.5 * min(size, other.size) && left >= other.right - 1 && abs(size - other.size) < 0.2 * size
  }

  private mutating func append(_ other: PDFLine) {
    text += " " + other.text
    right = other.right
    top = min(top, other.top)
    bottom = max(bottom, other.bottom)
  }
}
