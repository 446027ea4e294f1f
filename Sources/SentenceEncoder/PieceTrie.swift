/// All pieces of a vocabulary as a trie over their UTF-8 bytes, to find the longest one that a text starts with in one
/// walk.
///
/// A double array: the child of node *s* by byte *b* is slot `base[s] + b`, where that slot's parent is *s*. Source:
/// J. Aoe, An efficient digital search algorithm by using a double-array structure, IEEE TSE 15 (1989),
/// doi 10.1109/32.31365.
struct PieceTrie: Sendable, Equatable {
  /// Three numbers a slot: base; parent, or `none` where the slot is free; id of the piece that ends here, or `none`.
  let slots: [UInt32]

  /// The node of the empty string.
  static let root = 0
  static let none = UInt32.max

  /// A trie out of its stored slots, or nil where one leads outside or an id is not below `vocabulary`.
  init?(slots: [UInt32], vocabulary: Int) {
    let count = slots.count / 3
    guard slots.count % 3 == 0, count > 0 else { return nil }
    for slot in 0..<count {
      let id = slots[3 * slot + 2]
      guard Int(slots[3 * slot]) + 255 < count, id == Self.none || Int(id) < vocabulary else { return nil }
    }
    self.slots = slots
  }

  /// The trie of `pieces`, each with its index as its id. Of equal pieces the last one counts, as in the reference;
  /// empty ones do not.
  init(_ pieces: [[UInt8]]) {
    let order = pieces.indices.filter { !pieces[$0].isEmpty }
      .sorted { pieces[$0] == pieces[$1] ? $0 < $1 : pieces[$0].lexicographicallyPrecedes(pieces[$1]) }
    var slots: [UInt32] = []
    var free = 1
    func reserve(_ count: Int) {
      while slots.count < 3 * count { slots += [0, Self.none, Self.none] }
    }
    reserve(256)
    // Breadth first: a node, how deep it is, and which of the sorted pieces go through it.
    var waiting: [(node: Int, depth: Int, range: Range<Int>)] = [(Self.root, 0, order.indices)]
    var head = 0
    while head < waiting.count {
      let (node, depth, range) = waiting[head]
      head += 1
      var children: [(byte: Int, range: Range<Int>)] = []
      for index in range {
        let piece = pieces[order[index]]
        guard piece.count > depth else {
          slots[3 * node + 2] = UInt32(order[index])
          continue
        }
        let byte = Int(piece[depth])
        if children.last?.byte == byte {
          children[children.count - 1].range = children.last!.range.lowerBound..<(index + 1)
        } else {
          children.append((byte, index..<(index + 1)))
        }
      }
      guard let lowest = children.first?.byte else { continue }
      while 3 * free < slots.count, slots[3 * free + 1] != Self.none { free += 1 }
      var base = max(1, free - lowest)
      while true {
        reserve(base + 256)
        if children.allSatisfy({ slots[3 * (base + $0.byte) + 1] == Self.none }) { break }
        base += 1
      }
      slots[3 * node] = UInt32(base)
      for child in children {
        slots[3 * (base + child.byte) + 1] = UInt32(node)
        waiting.append((base + child.byte, depth + 1, child.range))
      }
    }
    self.slots = slots
  }

  /// The node that `byte` leads to, or nil.
  @inline(__always)
  func child(of node: Int, by byte: UInt8) -> Int? {
    let slot = Int(slots[3 * node]) + Int(byte)
    return slots[3 * slot + 1] == UInt32(truncatingIfNeeded: node) ? slot : nil
  }

  /// The id of the piece that ends at `node`, or nil.
  @inline(__always)
  func id(at node: Int) -> Int32? {
    let id = slots[3 * node + 2]
    return id == Self.none ? nil : Int32(truncatingIfNeeded: id)
  }

  /// The node that `bytes` lead to from the root, or nil.
  func node(of bytes: some Sequence<UInt8>) -> Int? {
    var node = Self.root
    for byte in bytes {
      guard let next = child(of: node, by: byte) else { return nil }
      node = next
    }
    return node
  }
}
