/// Divides blocks into passage units.
struct UnitSplitter {
  let bytes: UTF8Buffer
  let maximumTokens: Int
  let countTokens: @Sendable (String) -> Int

  /// Sentences of fewer scalars join the next one of their block: "Yes." alone says nothing.
  private static let leastScalars = 16

  /// Appends the units of one block to `units`.
  func append(_ block: Block.Kind, index: Int, range: Range<Int>, to units: inout [PassageUnit]) {
    let sentences: [Range<Int>]
    var end = PassageUnit.Seam.block
    switch block {
    case .heading:
      sentences = trimmed(range)
      end = .heading
    case .tableRow: sentences = trimmed(range)
    case .paragraph, .listItem, .code: sentences = SentenceBreaker.sentences(in: bytes, range)
    }
    let first = units.count
    for sentence in merged(sentences) {
      let weight = weight(of: sentence)
      if weight <= maximumTokens {
        units.append(PassageUnit(range: sentence, weight: weight, block: index, seam: .sentence))
      } else {
        for piece in pieces(of: sentence) {
          units.append(PassageUnit(range: piece, weight: self.weight(of: piece), block: index, seam: .piece))
        }
        units[units.count - 1].seam = .sentence
      }
    }
    if units.count > first { units[units.count - 1].seam = end }
  }

  private func trimmed(_ range: Range<Int>) -> [Range<Int>] {
    let start = SentenceBreaker.skipBlanks(bytes, range.lowerBound, range.upperBound)
    let end = SentenceBreaker.trimBlanks(bytes, start, range.upperBound)
    return start < end ? [start..<end] : []
  }

  private func merged(_ sentences: [Range<Int>]) -> [Range<Int>] {
    var result: [Range<Int>] = []
    result.reserveCapacity(sentences.count)
    var short = false
    for sentence in sentences {
      if short {
        result[result.count - 1] = result[result.count - 1].lowerBound..<sentence.upperBound
      } else {
        result.append(sentence)
      }
      let whole = result[result.count - 1]
      short = whole.count < Self.leastScalars * 3 && bytes.scalarCount(whole) < Self.leastScalars
    }
    return result
  }

  private func weight(of range: Range<Int>) -> Int {
    max(countTokens(bytes.string(range)), (bytes.scalarCount(range) + 9) / 10)
  }

  /// Cuts a sentence that is too long at commas, else between words, else between letters, into pieces that have about
  /// a tenth to three quarters of the maximum in scalars. Where it cuts depends on the text right before the place.
  private func pieces(of sentence: Range<Int>) -> [Range<Int>] {
    let least = max(1, maximumTokens / 8)
    let soft = max(2, maximumTokens / 2)
    let hard = max(3, maximumTokens * 3 / 4)
    var result: [Range<Int>] = []
    var start = sentence.lowerBound
    var offset = start
    var scalars = 0
    var recent: UInt64 = 0
    while offset < sentence.upperBound {
      let (scalar, length) = bytes.scalar(at: offset)
      offset += length
      scalars += 1
      recent = recent << 21 | UInt64(scalar)
      guard scalars >= least, offset < sentence.upperBound else { continue }
      let next = bytes.scalar(at: offset).value
      if ScalarClass.isCombining(next) && scalars < hard * 4 { continue }
      let cut: Bool
      if scalars >= hard {
        cut = true
      } else if isClauseEnd(scalar) {
        cut = !ScalarClass.isLetterOrDigit(next) || ScalarClass.isUnspaced(scalar)
      } else if ScalarClass.isBlank(next) {
        cut = scalars >= soft || ContentHash.mixed(recent) & 7 == 0
      } else {
        cut = ScalarClass.isUnspaced(scalar) && ContentHash.mixed(recent & 0x7FFF_FFFF_FFFF_FFFF) & 15 == 0
      }
      if cut {
        result += trimmed(start..<offset)
        start = offset
        scalars = 0
      }
    }
    result += trimmed(start..<sentence.upperBound)
    return result
  }

  private func isClauseEnd(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 0x2C, 0x3B, 0x3A, 0x29, 0x2014, 0x3001, 0xFF0C, 0xFF1B, 0xFF1A, 0x300D: true
    default: false
    }
  }
}
