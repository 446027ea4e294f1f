import CEncoderKernels

/// Looks up the embeddings of a batch's tokens. Keeps its lists of ids and places between batches, so that they are not
/// allocated anew.
struct TokenEmbeddings {
  private var ids: [Int32] = []
  private var places: [Int32] = []

  /// Leaves the embeddings of all tokens of `texts`, one after the other, in `hidden`, which has room for `capacity`
  /// tokens, and returns how many they are.
  mutating func look(
    up texts: [[Int32]], in model: EncoderModel, to hidden: UnsafeMutablePointer<Float>, capacity: Int
  ) -> Int {
    ids.removeAll(keepingCapacity: true)
    places.removeAll(keepingCapacity: true)
    for text in texts {
      ids += text
      places += 0..<Int32(text.count)
    }
    precondition(ids.count <= capacity)
    let weights = model.weights
    ids.withUnsafeBufferPointer { weights.words.copyRows($0, to: hidden) }
    fumikura_embed(
      places, ids.count, model.header.hiddenSize, weights.positions, weights.type, weights.embeddingNorm.weight,
      weights.embeddingNorm.bias, model.header.layerNormEpsilon, hidden)
    return ids.count
  }
}
