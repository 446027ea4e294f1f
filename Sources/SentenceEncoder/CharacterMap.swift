/// What becomes of characters before a text is cut into pieces: single scalars, and clusters of several.
///
/// Does what the `Precompiled` normalizer of Hugging Face's tokenizers 0.23 does: a grapheme cluster of fewer than six
/// bytes becomes the replacement of the *shortest* key that it starts with, whatever follows in it; where there is none,
/// and in longer clusters, each scalar becomes its replacement, or stays.
struct CharacterMap: Sendable {
  /// For each 256 scalars, the number of their block in `entries`: 0x1100 numbers.
  let blocks: MappedNumbers<UInt16>
  /// Blocks of 256 entries: a `ClusterClass` in the top four bits; below, 0 where the scalar stays, or else 1 more than
  /// the place of its replacement.
  let entries: MappedNumbers<UInt32>
  /// Replacements, each behind its length in two bytes.
  let replacements: MappedNumbers<UInt8>
  /// The keys of several scalars.
  let clusters: PieceTrie
  /// The place of each one's replacement.
  let clusterReplacements: MappedNumbers<UInt32>

  /// Whether an ASCII character stays as it is and joins nothing.
  private let asciiStays: [Bool]

  static let longestCluster = 5
  private static let blockCount = 0x1100

  /// A map out of its stored parts, or nil where a block leads outside the entries. Entries are checked as they are used.
  init?(
    blocks: MappedNumbers<UInt16>, entries: MappedNumbers<UInt32>, replacements: MappedNumbers<UInt8>,
    clusters: MappedNumbers<UInt32>, clusterReplacements: MappedNumbers<UInt32>
  ) {
    guard let trie = PieceTrie(slots: clusters, vocabulary: clusterReplacements.count), blocks.count == Self.blockCount,
      entries.count % 256 == 0, blocks.array.allSatisfy({ Int($0) < entries.count / 256 })
    else { return nil }
    self.blocks = blocks
    self.entries = entries
    self.replacements = replacements
    self.clusters = trie
    self.clusterReplacements = clusterReplacements
    asciiStays = Self.asciiStays(blocks, entries)
  }

  private static func asciiStays(_ blocks: MappedNumbers<UInt16>, _ entries: MappedNumbers<UInt32>) -> [Bool] {
    (0..<128).map { entries[Int(blocks[0]) << 8 | $0] == 0 }
  }

  /// The map of `rules`, the later of two with the same key; `joins` says whether clusters count, or scalars alone.
  init(_ rules: some Sequence<(key: [UInt8], replacement: [UInt8])>, joins: Bool) {
    var bytes: [UInt8] = []
    var places: [[UInt8]: UInt32] = [:]
    func place(_ replacement: [UInt8]) -> UInt32 {
      if let place = places[replacement] { return place }
      let place = UInt32(bytes.count)
      bytes += [UInt8(replacement.count & 255), UInt8(replacement.count >> 8)] + replacement
      places[replacement] = place
      return place
    }
    _ = place([])
    var singles: [UInt32: UInt32] = [:]
    var keys: [[UInt8]] = []
    var keyPlaces: [UInt32] = []
    for (key, replacement) in rules {
      let scalars = Array(String(decoding: key, as: UTF8.self).unicodeScalars)
      if scalars.count == 1 {
        singles[scalars[0].value] = place(replacement)
      } else {
        keys.append(key)
        keyPlaces.append(place(replacement))
      }
    }
    var blocks: [UInt16] = []
    var entries: [UInt32] = []
    var known: [[UInt32]: UInt16] = [:]
    for first in stride(from: 0, to: UInt32(Self.blockCount) << 8, by: 256) {
      let block = (first..<(first + 256)).map { value in
        let kind = joins ? Unicode.Scalar(value).map(ClusterClass.init) ?? .other : .other
        return kind.rawValue << 28 | (singles[value].map { $0 + 1 } ?? 0)
      }
      if known[block] == nil {
        known[block] = UInt16(entries.count / 256)
        entries += block
      }
      blocks.append(known[block]!)
    }
    self.blocks = MappedNumbers(blocks)
    self.entries = MappedNumbers(entries)
    replacements = MappedNumbers(bytes)
    clusters = PieceTrie(keys)
    clusterReplacements = MappedNumbers(keyPlaces + [0])
    asciiStays = Self.asciiStays(self.blocks, self.entries)
  }

  /// Appends what a text becomes. Bytes that are no UTF-8 are left out.
  func append(_ text: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]) {
    var following = character(in: text, at: 0)
    while let current = following {
      if text[current.start] < 0x80 {
        // Nothing joins an ASCII character to a plain one, so that a run of plain ASCII is what it is but for its last
        // character.
        var position = current.start
        while position + 1 < text.count, text[position] < 0x80, text[position + 1] < 0x80,
          asciiStays[Int(text[position])]
        {
          position += 1
        }
        if position > current.start {
          output.append(contentsOf: UnsafeBufferPointer(rebasing: text[current.start..<position]))
          following = character(in: text, at: position)
          continue
        }
      }
      following = character(in: text, at: current.end)
      if let next = following, (current.entry | next.entry) >> 28 != 0 {
        var state = ClusterState(current.kind)
        var last = current
        while let next = following,
          state.continues(with: next.kind) || last.scalar == 0xd && next.scalar == 0xa
        {
          last = next
          following = character(in: text, at: next.end)
        }
        if last.end > current.end {
          append(cluster: text, from: current, upTo: last.end, to: &output)
          continue
        }
      }
      append(current, of: text, to: &output)
    }
  }

  private struct Character {
    let scalar: UInt32
    let entry: UInt32
    let start: Int
    let end: Int

    var kind: ClusterClass { ClusterClass(rawValue: entry >> 28) ?? .other }
    /// Where its replacement is, or nil where it stays.
    var replacement: Int? { entry & 0xfff_ffff == 0 ? nil : Int(entry & 0xfff_ffff) - 1 }
  }

  /// The next well-formed character at or behind `position`.
  @inline(__always)
  private func character(in text: UnsafeBufferPointer<UInt8>, at position: Int) -> Character? {
    var position = position
    while position < text.count {
      if let (scalar, count) = UTF8Scalar.decode(text, at: position) {
        let entry = entries[unchecked: Int(blocks[unchecked: Int(scalar >> 8)]) << 8 | Int(scalar & 255)]
        return Character(scalar: scalar, entry: entry, start: position, end: position + count)
      }
      position += 1
    }
    return nil
  }

  @inline(__always)
  private func append(_ character: Character, of text: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]) {
    if let place = character.replacement {
      append(replacementAt: place, to: &output)
    } else {
      output.append(contentsOf: UnsafeBufferPointer(rebasing: text[character.start..<character.end]))
    }
  }

  private func append(replacementAt place: Int, to output: inout [UInt8]) {
    guard place + 2 <= replacements.count else { return }
    let count = Int(replacements[place]) | Int(replacements[place + 1]) << 8
    guard place + 2 + count <= replacements.count else { return }
    for index in 0..<count { output.append(replacements[unchecked: place + 2 + index]) }
  }

  /// The replacement of a cluster that starts with `first`, or those of its characters.
  private func append(
    cluster text: UnsafeBufferPointer<UInt8>, from first: Character, upTo end: Int, to output: inout [UInt8]
  ) {
    if end - first.start <= Self.longestCluster {
      if let place = first.replacement { return append(replacementAt: place, to: &output) }
      var node: Int? = PieceTrie.root
      var position = first.start
      while position < end, let parent = node {
        node = clusters.child(of: parent, by: text[position])
        position += 1
        if let node, let id = clusters.id(at: node) {
          return append(replacementAt: Int(clusterReplacements[Int(id)]), to: &output)
        }
      }
    }
    var next: Character? = first
    while let character = next, character.end <= end {
      append(character, of: text, to: &output)
      next = character.end < end ? self.character(in: text, at: character.end) : nil
    }
  }
}
