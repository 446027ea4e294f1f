/// The search for the best way to cut a word into pieces (Viterbi), with memory that is used again for the next word.
///
/// Belongs to one call of a tokenizer.
struct BestPath: ~Copyable {
  /// The best way to a place in the word.
  private struct Step {
    var score = 0.0
    /// Where the last piece starts, or -1 where no way leads here.
    var start: Int32 = -1
    var id: Int32 = 0
  }

  private var word: UnsafeMutableBufferPointer<UInt8> = .allocate(capacity: 256)
  private var steps: UnsafeMutableBufferPointer<Step> = .allocate(capacity: 257)
  /// The bytes of the word.
  private(set) var count = 0

  deinit {
    word.deallocate()
    steps.deallocate()
  }

  @inline(__always)
  mutating func append(_ byte: UInt8) {
    if count == word.count { grow() }
    word[count] = byte
    count += 1
  }

  @inline(__always)
  mutating func append(_ first: UInt8, _ second: UInt8, _ third: UInt8) {
    append(first)
    append(second)
    append(third)
  }

  mutating func clear() { count = 0 }

  private mutating func grow() {
    precondition(count < Int(Int32.max) / 2, "a word is shorter than 1 GiB")
    let larger = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 2 * count)
    _ = larger.moveInitialize(fromContentsOf: word)
    word.deallocate()
    word = larger
    steps.deallocate()
    steps = .allocate(capacity: 2 * count + 1)
  }

  /// Finds the best way to the word's end.
  mutating func search(
    _ trie: borrowing PieceTrie, _ scores: borrowing MappedNumbers<Double>, unknown: (id: Int32, score: Double)
  ) {
    let (word, steps, count) = (word.baseAddress!, steps.baseAddress!, count)
    steps.initialize(repeating: Step(), count: count + 1)
    var start = 0
    while start < count {
      let before = steps[start].score
      let first = word[start]
      let length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
      let characterEnd = min(count, start + length)
      var isKnown = false
      var node = PieceTrie.root
      var end = start
      while end < count, let child = trie.child(of: node, by: word[end]) {
        node = child
        end += 1
        guard let id = trie.id(at: node) else { continue }
        let score = before + scores[unchecked: Int(id)]
        if steps[end].start < 0 || score > steps[end].score {
          steps[end] = Step(score: score, start: Int32(truncatingIfNeeded: start), id: id)
        }
        if end == characterEnd { isKnown = true }
      }
      if !isKnown {
        let score = before + unknown.score
        if steps[characterEnd].start < 0 || score > steps[characterEnd].score {
          steps[characterEnd] = Step(score: score, start: Int32(truncatingIfNeeded: start), id: unknown.id)
        }
      }
      start = characterEnd
    }
  }

  /// Appends the ids along the best way, of several unknown ones in a row only one.
  func appendIDs(unknown: Int32, to ids: inout [Int32]) {
    let first = ids.count
    var end = count
    while end > 0 {
      let step = steps[end]
      if step.id != unknown || ids.count == first || ids[ids.count - 1] != unknown { ids.append(step.id) }
      end = Int(step.start)
    }
    ids[first...].reverse()
  }
}
