import CEncoderKernels
import COpenBLAS

/// Scaled dot-product attention of every head within one text, in float32: softmax(Q Kᵀ / √d) V.
struct FloatAttention {
  let products: ReferenceEncoder.Products
  let hiddenSize: Int
  let heads: Int

  /// Numbers of working memory for a text of `tokens` tokens: one head's scores, and its keys in panels.
  func scratchCounts(tokens: Int) -> (scores: Int, keys: Int) {
    (tokens * tokens, hiddenSize / heads * (tokens + PackedWeights.panelColumns))
  }

  /// Writes `tokens` × `hiddenSize` to `context`. `input` is `tokens` × 3 · `hiddenSize`: queries, keys and values side by
  /// side. `scores` and `keys` have room for `scratchCounts(tokens:)`.
  func attend(
    _ input: UnsafePointer<Float>, tokens: Int, scores: UnsafeMutablePointer<Float>,
    keys: UnsafeMutablePointer<Float>, context: UnsafeMutablePointer<Float>
  ) {
    let headWidth = hiddenSize / heads
    let scale = 1 / Float(headWidth).squareRoot()
    let stride = 3 * hiddenSize
    let (n, d) = (Int32(tokens), Int32(headWidth))
    for head in 0..<heads {
      let query = input + head * headWidth
      let (key, value) = (query + hiddenSize, query + 2 * hiddenSize)
      let out = context + head * headWidth
      switch products {
      case .openBLAS:
        cblas_sgemm(
          CblasRowMajor, CblasNoTrans, CblasTrans, n, n, d, 1, query, Int32(stride), key, Int32(stride), 0, scores, n)
        fumikura_softmax(scores, tokens, tokens, scale)
        cblas_sgemm(
          CblasRowMajor, CblasNoTrans, CblasNoTrans, n, d, n, 1, scores, n, value, Int32(stride), 0, out,
          Int32(hiddenSize))
      case .avx512:
        let panel = PackedWeights.panelColumns
        fumikura_pack(key, stride, tokens, headWidth, keys)
        fumikura_multiply(query, stride, tokens, headWidth, keys, panel, panel * headWidth, tokens, scores, tokens)
        fumikura_softmax(scores, tokens, tokens, scale)
        fumikura_multiply(scores, tokens, tokens, tokens, value, stride, panel, headWidth, out, hiddenSize)
      }
    }
  }
}
