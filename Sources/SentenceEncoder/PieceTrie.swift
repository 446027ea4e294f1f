/// All pieces of a vocabulary as a trie over their UTF-8 bytes, to find the longest one that a text starts with, or all
/// of them, in one walk.
///
/// A double array: the child of node *s* by byte *b* is slot `base[s] + b`, where that slot's parent is *s*. Source:
/// J. Aoe, An efficient digital search algorithm by using a double-array structure, IEEE TSE 15 (1989),
/// doi 10.1109/32.31365. Walks check what they read: a slot outside the array is no child, an id outside the vocabulary
/// none, so that a stored trie costs nothing to open.
struct PieceTrie: Sendable {
  /// Three numbers a slot: base; parent, or `none` where the slot is free; id of the piece that ends here, or `none`.
  let slots: MappedNumbers<UInt32>
  /// Every id is below this.
  private let vocabulary: UInt32
  private let slotCount: Int

  /// The node of the empty string.
  static let root = 0
  static let none = UInt32.max
  private static let patience = 64

  /// A trie out of its stored slots, or nil where those are not whole.
  init?(slots: MappedNumbers<UInt32>, vocabulary: Int) {
    guard slots.count % 3 == 0, slots.count > 0, (0..<Int(Int32.max)).contains(vocabulary) else { return nil }
    self.slots = slots
    self.vocabulary = UInt32(vocabulary)
    slotCount = slots.count / 3
  }

  init?(slots: [UInt32], vocabulary: Int) { self.init(slots: MappedNumbers(slots), vocabulary: vocabulary) }

  /// The trie of `pieces`, each with its index as its id. Of equal pieces the last one counts, as in the reference;
  /// empty ones do not.
  init(_ pieces: [[UInt8]]) {
    let order = pieces.indices.filter { !pieces[$0].isEmpty }
      .sorted { pieces[$0] == pieces[$1] ? $0 < $1 : pieces[$0].lexicographicallyPrecedes(pieces[$1]) }
    var slots: [UInt32] = []
    func isFree(_ slot: Int) -> Bool {
      while slots.count <= 3 * (slot + 256) { slots += [0, Self.none, Self.none] }
      return slots[3 * slot + 1] == Self.none
    }
    // From where to look for a free slot for an only child, and for a place for several children: that one leaves places
    // behind in which it failed often, and only children fill those. From 256 on, any byte can lead to any slot.
    var (free, place) = (256, 256)
    _ = isFree(Self.root)
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
      var slot: Int
      if children.count == 1 {
        while !isFree(free) { free += 1 }
        slot = free
      } else {
        slot = place
        while !children.allSatisfy({ isFree(slot + $0.byte - lowest) }) { slot += 1 }
        if slot - place > Self.patience { place = slot }
      }
      let base = slot - lowest
      slots[3 * node] = UInt32(base)
      for child in children {
        slots[3 * (base + child.byte) + 1] = UInt32(node)
        waiting.append((base + child.byte, depth + 1, child.range))
      }
    }
    self.slots = MappedNumbers(slots)
    vocabulary = UInt32(pieces.count)
    slotCount = slots.count / 3
  }

  /// The node that `byte` leads to, or nil. `node` is the root or came from here.
  @inline(__always)
  func child(of node: Int, by byte: UInt8) -> Int? {
    let slot = Int(slots[unchecked: 3 * node]) + Int(byte)
    guard slot < slotCount, slots[unchecked: 3 * slot + 1] == UInt32(truncatingIfNeeded: node) else { return nil }
    return slot
  }

  /// The id of the piece that ends at `node`, or nil.
  @inline(__always)
  func id(at node: Int) -> Int32? {
    let id = slots[unchecked: 3 * node + 2]
    return id < vocabulary ? Int32(truncatingIfNeeded: id) : nil
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
