import CEncoderKernels

/// The working memory of one forward pass in eight bits over at most `tokens` tokens, 64-byte aligned and zero at first,
/// so that the rows that only fill up a tile are numbers too.
///
/// `@unchecked Sendable` because one thread at a time uses it: `FastEncoder` lends it out under a lock.
final class FastScratch: @unchecked Sendable {
  /// Rows that go through a layer at once after the attention: few enough that what lies between two products stays in
  /// the second-level cache, and many enough that each weight read from behind it is used often.
  static let block = 48

  let tokens: Int
  /// tokens × hidden: what goes from layer to layer.
  let hidden: UnsafeMutablePointer<Float>
  let hiddenBytes: fumikura_rows
  /// tokens × 3 · hidden: queries, keys and values, in bfloat16 or float32.
  let attentionInput: UnsafeMutableRawPointer
  /// tokens × hidden: the heads' outputs.
  let context: UnsafeMutablePointer<Float>
  let contextBytes: fumikura_rows
  /// block × feedForward.
  let inner: UnsafeMutablePointer<Float>
  let innerBytes: fumikura_rows
  /// For the attention of one text: in bfloat16 as the kernels count it, in float32 its scores and keys.
  let attention: UnsafeMutableRawPointer
  var embeddings = TokenEmbeddings()

  private let memory: UnsafeMutableRawPointer

  init(tokens: Int, attentionByteCount: Int, header: EncoderModelHeader) {
    self.tokens = tokens
    let (width, inner, block) = (header.hiddenSize, header.feedForward, Self.block)
    // Whole tiles, and the rows that the attention reads past the last token.
    let rows = tokens + Int(FUMIKURA_FAST_ROWS) + Int(FUMIKURA_FAST_QUERIES)
    let counts =
      [4 * rows * width, max(12 * rows * width, 4 * block * inner), 4 * rows * width, 4 * block * inner]
      + [
        rows * width, 4 * rows, 4 * rows, block * width, 4 * block, 4 * block, block * max(inner, width), 4 * block,
        4 * block,
      ]
      + [attentionByteCount]
    var starts: [Int] = []
    var end = 0
    for count in counts {
      starts.append(end)
      end += (count + 63) / 64 * 64
    }
    let memory = UnsafeMutableRawPointer.allocate(byteCount: end, alignment: 64)
    memory.initializeMemory(as: UInt8.self, repeating: 0, count: end)
    func floats(_ index: Int) -> UnsafeMutablePointer<Float> {
      (memory + starts[index]).bindMemory(to: Float.self, capacity: counts[index] / 4)
    }
    func bytes(_ index: Int) -> fumikura_rows {
      fumikura_rows(
        values: (memory + starts[index]).bindMemory(to: UInt8.self, capacity: counts[index]),
        scales: floats(index + 1), lows: floats(index + 2))
    }
    hidden = floats(0)
    attentionInput = memory + starts[1]
    context = floats(2)
    self.inner = floats(3)
    hiddenBytes = bytes(4)
    contextBytes = bytes(7)
    innerBytes = bytes(10)
    attention = memory + starts[13]
    self.memory = memory
  }

  deinit { memory.deallocate() }
}
