/// The working memory of one forward pass over at most `tokens` tokens, each array 64-byte aligned.
///
/// `@unchecked Sendable` because one thread at a time uses it: `ReferenceEncoder` lends it out under a lock.
final class EncoderScratch: @unchecked Sendable {
  let tokens: Int
  /// tokens × hiddenSize: what goes from layer to layer.
  let hidden: UnsafeMutablePointer<Float>
  /// tokens × hiddenSize: what a layer adds to it.
  let projected: UnsafeMutablePointer<Float>
  /// tokens × 3 · hiddenSize: query, key and value of each token. Shares its memory with `inner`, used after it.
  let attentionInput: UnsafeMutablePointer<Float>
  /// tokens × hiddenSize: the heads' outputs. Shares its memory with `inner` too.
  let context: UnsafeMutablePointer<Float>
  /// tokens × feedForward.
  let inner: UnsafeMutablePointer<Float>
  /// longest × longest: one head's attention within one text.
  let scores: UnsafeMutablePointer<Float>
  /// dimensions of a head × longest, in panels: one head's keys.
  let keys: UnsafeMutablePointer<Float>
  var embeddings = TokenEmbeddings()

  private let memory: UnsafeMutableRawPointer

  /// `longest` is the most tokens of one text.
  init(tokens: Int, longest: Int, header: EncoderModelHeader) {
    self.tokens = tokens
    let width = header.hiddenSize
    let counts = [
      tokens * width, tokens * width, tokens * max(4 * width, header.feedForward), longest * longest,
      (width / header.heads) * (longest + PackedWeights.panelColumns),
    ]
    var starts: [Int] = []
    var end = 0
    for count in counts {
      starts.append(end)
      end += (count + 15) / 16 * 16
    }
    memory = .allocate(byteCount: 4 * end, alignment: 64)
    let floats = memory.bindMemory(to: Float.self, capacity: end)
    hidden = floats + starts[0]
    projected = floats + starts[1]
    inner = floats + starts[2]
    attentionInput = inner
    context = inner + 3 * tokens * width
    scores = floats + starts[3]
    keys = floats + starts[4]
  }

  deinit { memory.deallocate() }
}
