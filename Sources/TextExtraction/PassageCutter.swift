/// Cuts a document into passages of about 120 to 200 tokens, so that an edit changes only the passages around it.
///
/// A section (from one heading to the next) that is longer than the maximum is cut at its *lowest seam*: the place
/// between two sentences whose rank (paragraph ends before sentence ends, then a hash of the sentence before it) is the
/// lowest of all that leave at least the minimum on both sides; then each half again, until all fit. Since ranks depend
/// on the nearest sentence alone, an edit moves the cuts beside it and leaves the others: the same idea as
/// content-defined chunking of files, without its drift from a moving start.
///
/// Passages never reach across a heading. Together they hold every letter of the document, in order, once. The same
/// document gives the same passages, byte for byte. O(n log n) in the number of sentences, plus one call of
/// `countTokens` for each of them.
package struct PassageCutter: Sendable {
  private let minimumTokens: Int
  private let maximumTokens: Int
  private let countTokens: @Sendable (String) -> Int

  /// - Parameter countTokens: how many tokens the encoder makes of a text, without the special ones.
  package init(
    minimumTokens: Int = 120, maximumTokens: Int = 200, countTokens: @escaping @Sendable (String) -> Int
  ) {
    precondition(
      minimumTokens > 0 && minimumTokens <= maximumTokens,
      "0 < minimum \(minimumTokens) <= maximum \(maximumTokens) does not hold")
    self.minimumTokens = minimumTokens
    self.maximumTokens = maximumTokens
    self.countTokens = countTokens
  }

  package func passages(of document: ExtractedText) -> [CutPassage] {
    let joined = JoinedText(document.blocks)
    var text = joined.text
    return text.withUTF8 { bytes in
      var result: [CutPassage] = []
      var position = ScalarPosition(bytes: bytes)
      let splitter = UnitSplitter(bytes: bytes, maximumTokens: maximumTokens, countTokens: countTokens)
      for section in sections(of: document.blocks) {
        var units: [PassageUnit] = []
        for index in section {
          splitter.append(document.blocks[index].kind, index: index, range: joined.ranges[index], to: &units)
        }
        let heading = section.last { index in
          if case .heading = document.blocks[index].kind { true } else { false }
        }
        for run in cut(units, in: bytes) {
          let range = units[run.lowerBound].range.lowerBound..<units[run.upperBound - 1].range.upperBound
          guard hasLetterOrDigit(bytes, range) else { continue }
          let start = position.advance(to: range.lowerBound)
          result.append(
            CutPassage(
              text: bytes.string(range), heading: heading.map { document.blocks[$0].text },
              page: document.blocks[units[run.lowerBound].block].page, start: start,
              length: position.advance(to: range.upperBound) - start))
        }
      }
      return result
    }
  }

  /// Runs of blocks: each begins with the headings that follow one another, if any, and ends before the next heading.
  private func sections(of blocks: [Block]) -> [Range<Int>] {
    var result: [Range<Int>] = []
    var start = 0
    var hasBody = false
    for (index, block) in blocks.enumerated() {
      if case .heading = block.kind {
        if hasBody {
          result.append(start..<index)
          start = index
          hasBody = false
        }
      } else {
        hasBody = true
      }
    }
    if start < blocks.count { result.append(start..<blocks.count) }
    return result
  }

  /// Divides the units of a section into runs, each of which is a passage.
  private func cut(_ units: [PassageUnit], in bytes: UTF8Buffer) -> [Range<Int>] {
    guard !units.isEmpty else { return [] }
    // weights[i]: the tokens of all units before i.
    var weights = [0]
    weights.reserveCapacity(units.count + 1)
    for unit in units { weights.append(weights[weights.count - 1] + unit.weight) }
    if weights[units.count] <= maximumTokens { return [0..<units.count] }
    let seams = SeamTree(units.map { $0.seamRank(in: bytes) })
    var result: [Range<Int>] = []
    var waiting = [0..<units.count]
    while let run = waiting.popLast() {
      let whole = weights[run.upperBound] - weights[run.lowerBound]
      if whole <= maximumTokens || run.count == 1 {
        result.append(run)
        continue
      }
      let least = min(minimumTokens, whole / 3)
      // Cuts before unit i that leave at least `least` on both sides.
      let first = partition(weights, run) { $0 - weights[run.lowerBound] >= least }
      let last = partition(weights, run) { weights[run.upperBound] - $0 < least } - 1
      let place: Int
      if first <= last {
        place = seams.lowest(in: first - 1...last - 1) + 1
      } else {
        // A unit of more than a third lies in the middle: cut on its lighter side.
        let middle = partition(weights, run) { 2 * ($0 - weights[run.lowerBound]) >= whole }
        let before = middle - 1
        let balance = { (place: Int) in abs(2 * (weights[place] - weights[run.lowerBound]) - whole) }
        place =
          before > run.lowerBound && (middle >= run.upperBound || balance(before) < balance(middle)) ? before : middle
      }
      waiting.append(place..<run.upperBound)
      waiting.append(run.lowerBound..<place)
    }
    return result
  }

  /// The first place inside `run` (neither end) whose weight before it passes `test`, which must turn from false to true
  /// once; the run's end where none does.
  private func partition(_ weights: [Int], _ run: Range<Int>, _ test: (Int) -> Bool) -> Int {
    var low = run.lowerBound + 1
    var high = run.upperBound
    while low < high {
      let middle = (low + high) / 2
      if test(weights[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }

  private func hasLetterOrDigit(_ bytes: UTF8Buffer, _ range: Range<Int>) -> Bool {
    var offset = range.lowerBound
    while offset < range.upperBound {
      let (scalar, length) = bytes.scalar(at: offset)
      if ScalarClass.isLetterOrDigit(scalar) { return true }
      offset += length
    }
    return false
  }
}

/// Turns rising byte offsets into scalar offsets in one walk.
private struct ScalarPosition {
  let bytes: UTF8Buffer
  private var offset = 0
  private var scalars = 0

  init(bytes: UTF8Buffer) { self.bytes = bytes }

  mutating func advance(to target: Int) -> Int {
    scalars += bytes.scalarCount(offset..<target)
    offset = target
    return scalars
  }
}
