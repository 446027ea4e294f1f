/// The embeddings of a vocabulary's pieces, as compact as the model's source had them: half of a small multilingual
/// model is this table, of which a text needs few rows.
///
/// `@unchecked Sendable` because the mapping is never written, and `EncoderModel`, which alone hands it out, keeps it.
struct EmbeddingTable: @unchecked Sendable {
  enum Numbers {
    case float32(UnsafePointer<Float>)
    case float16(UnsafePointer<UInt16>)
    case brainFloat16(UnsafePointer<UInt16>)
    /// Q4_0, as llama.cpp names it: blocks of 32 numbers, a binary16 scale and 16 bytes. Byte *j* holds number *j* in
    /// its low four bits and *j* + 16 in its high ones; a number is (bits − 8) · scale.
    case blocks4(UnsafePointer<UInt8>)
  }

  static let blockNumbers = 32
  static let blockBytes = 18

  let rows: Int
  /// Numbers of a row.
  let width: Int
  let numbers: Numbers

  /// Writes the rows of `ids`, one after the other, to `out`: `ids.count` × `width`, exactly as the source means them.
  ///
  /// - Precondition: every id is a row's.
  func copyRows(_ ids: UnsafeBufferPointer<Int32>, to out: UnsafeMutablePointer<Float>) {
    for (place, id) in ids.enumerated() {
      precondition(id >= 0 && Int(id) < rows, "a row of the table")
      copyRow(Int(id), to: out + place * width)
    }
  }

  private func copyRow(_ row: Int, to out: UnsafeMutablePointer<Float>) {
    switch numbers {
    case .float32(let floats): out.update(from: floats + row * width, count: width)
    case .float16(let halves):
      let halves = halves + row * width
      for i in 0..<width { out[i] = Self.float(half: halves[i]) }
    case .brainFloat16(let halves):
      let halves = halves + row * width
      for i in 0..<width { out[i] = Float(bitPattern: UInt32(halves[i]) << 16) }
    case .blocks4(let bytes):
      let blocks = width / Self.blockNumbers
      for block in 0..<blocks {
        Self.decode(bytes + (row * blocks + block) * Self.blockBytes, to: out + block * Self.blockNumbers)
      }
    }
  }

  /// The 32 numbers of a Q4_0 block.
  @inline(__always)
  static func decode(_ block: UnsafePointer<UInt8>, to out: UnsafeMutablePointer<Float>) {
    let scale = float(half: UInt16(block[0]) | UInt16(block[1]) << 8)
    for j in 0..<16 {
      let pair = Int32(block[2 + j])
      out[j] = Float(pair & 15 - 8) * scale
      out[j + 16] = Float(pair >> 4 - 8) * scale
    }
  }

  /// A finite IEEE 754 binary16, without a branch: its bits as a float32's are 2¹¹² times too small. Importing refuses
  /// what is not finite.
  @inline(__always)
  static func float(half bits: UInt16) -> Float {
    let magnitude = Float(bitPattern: UInt32(bits & 0x7fff) << 13) * 0x1p112
    return Float(bitPattern: magnitude.bitPattern | UInt32(bits & 0x8000) << 16)
  }
}
