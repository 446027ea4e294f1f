/// How safetensors files hold the weights that we read.
enum WeightType: String, NamedChoice {
  case float32 = "F32"
  case float16 = "F16"
  case brainFloat16 = "BF16"

  var width: Int { self == .float32 ? 4 : 2 }

  /// The same in a model file.
  var number: EncoderModelHeader.Part.Number {
    switch self {
    case .float32: .float32
    case .float16: .float16
    case .brainFloat16: .brainFloat16
    }
  }

  /// The numbers in `bytes`, which need not be aligned, widened: exact for each type, infinities and NaNs too.
  func floats(in bytes: UnsafeRawBufferPointer) -> [Float] {
    let count = bytes.count / width
    return [Float](unsafeUninitializedCapacity: count) { buffer, written in
      switch self {
      case .float32:
        UnsafeMutableRawBufferPointer(buffer).copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<(4 * count)]))
        for i in 0..<count { buffer[i] = Float(bitPattern: UInt32(littleEndian: buffer[i].bitPattern)) }
      case .float16:
        for i in 0..<count { buffer[i] = Self.float(half: Self.half(bytes, i)) }
      case .brainFloat16:
        for i in 0..<count { buffer[i] = Float(bitPattern: UInt32(Self.half(bytes, i)) << 16) }
      }
      written = count
    }
  }

  @inline(__always)
  private static func half(_ bytes: UnsafeRawBufferPointer, _ index: Int) -> UInt16 {
    UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self))
  }

  /// IEEE 754 binary16, with its infinities and NaNs: Swift has `Float16` on some processors only.
  @inline(__always)
  static func float(half bits: UInt16) -> Float {
    if bits & 0x7c00 == 0x7c00 { return bits & 0x3ff != 0 ? .nan : bits >> 15 == 0 ? .infinity : -.infinity }
    return EmbeddingTable.float(half: bits)
  }
}
