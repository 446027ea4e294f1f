/// A run of a snippet's text: `[start, length]` in Unicode scalars.
package struct Highlight: WireValue, Hashable {
  package var start: Int
  package var length: Int

  package init(start: Int, length: Int) {
    self.start = start
    self.length = length
  }

  package static let shape = Shape.tuple([.count, .count])

  package static func decode(_ json: JSON) throws(WireMismatch) -> Highlight {
    guard let numbers = json.array?.map(\.integer), numbers.count == 2, let start = numbers[0], let length = numbers[1]
    else { throw mismatch(json) }
    return Highlight(start: start, length: length)
  }

  package var json: JSON { [.integer(start), .integer(length)] }
}
