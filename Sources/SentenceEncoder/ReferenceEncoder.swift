import CEncoderKernels
import COpenBLAS
package import LinearAlgebra
import Synchronization

/// The float32 encoder: every product by OpenBLAS, the rest by small kernels. The truth that faster encoders are
/// measured against.
///
/// The texts of a batch lie packed one after the other without padding: the four products of a layer run over all
/// their tokens at once, attention text by text. Source: Vaswani et al. 2017 (arXiv 1706.03762); Devlin et al. 2019
/// (arXiv 1810.04805); mean pooling, Reimers & Gurevych 2019 (arXiv 1908.10084).
///
/// Safe from several threads at once: each call borrows working memory of its own, about 40 MB for a batch of 1,024
/// tokens of a model of 1,536 inner dimensions, which is kept for later calls.
package final class ReferenceEncoder: SentenceEncoder {
  package let model: EncoderModel
  package var dimensions: Int { model.dimensions }
  /// A batch has at most so many tokens, or one text.
  private let maximumBatchTokens: Int
  private let idle = Mutex<[EncoderScratch]>([])

  package init(model: EncoderModel, maximumBatchTokens: Int = 1024) {
    precondition(maximumBatchTokens > 0, "a batch has a token at least")
    self.model = model
    self.maximumBatchTokens = max(maximumBatchTokens, model.maximumTokens)
    useOneThread()
  }

  package func encode(_ texts: [String]) throws -> Matrix {
    encode(tokenIDs: texts.map { model.tokenizer.tokenIDs(of: $0, limit: model.maximumTokens) })
  }

  /// The unit vectors of texts that are cut into tokens already; each has 1 to `model.maximumTokens` ids of the model.
  package func encode(tokenIDs: [[Int32]]) -> Matrix {
    let ids = 0..<Int32(model.header.vocabulary)
    for tokens in tokenIDs {
      precondition(
        (1...model.maximumTokens).contains(tokens.count) && tokens.allSatisfy(ids.contains),
        "a text of \(tokens.count) tokens, or with ids beyond the vocabulary")
    }
    var result = Matrix(rows: tokenIDs.count, columns: dimensions)
    guard !tokenIDs.isEmpty else { return result }
    let scratch =
      idle.withLock { $0.popLast() }
      ?? EncoderScratch(tokens: maximumBatchTokens, longest: model.maximumTokens, header: model.header)
    defer { idle.withLock { $0.append(scratch) } }
    result.values.withUnsafeMutableBufferPointer { rows in
      for batch in Self.batches(of: tokenIDs.map(\.count), maximumTokens: maximumBatchTokens) {
        forward(batch.map { tokenIDs[$0] }, scratch)
        var start = 0
        for index in batch {
          fumikura_mean_unit(
            scratch.hidden + start * dimensions, tokenIDs[index].count, dimensions,
            rows.baseAddress! + index * dimensions)
          start += tokenIDs[index].count
        }
      }
    }
    return result
  }

  /// Indices of texts of the given lengths, the longest first, in batches of at most `maximumTokens`.
  static func batches(of lengths: [Int], maximumTokens: Int) -> [[Int]] {
    var batches: [[Int]] = []
    var room = 0
    for index in lengths.indices.sorted(by: { lengths[$0] > lengths[$1] }) {
      if lengths[index] > room || batches.isEmpty {
        batches.append([])
        room = maximumTokens
      }
      batches[batches.count - 1].append(index)
      room -= lengths[index]
    }
    return batches
  }

  /// Leaves the last hidden states of all tokens of `texts`, one after the other, in `scratch.hidden`.
  private func forward(_ texts: [[Int32]], _ scratch: EncoderScratch) {
    let weights = model.weights
    let epsilon = model.header.layerNormEpsilon
    let (width, inner) = (dimensions, model.header.feedForward)
    scratch.ids.removeAll(keepingCapacity: true)
    scratch.places.removeAll(keepingCapacity: true)
    for text in texts {
      scratch.ids += text
      scratch.places += 0..<Int32(text.count)
    }
    let tokens = scratch.ids.count
    precondition(tokens <= scratch.tokens)
    let (hidden, projected) = (scratch.hidden, scratch.projected)
    fumikura_embed(
      scratch.ids, scratch.places, tokens, width, weights.words, weights.positions, weights.type,
      weights.embeddingNorm.weight, weights.embeddingNorm.bias, epsilon, hidden)
    for layer in weights.layers {
      Self.multiply(hidden, tokens, width, layer.attentionInput.weight, 3 * width, scratch.attentionInput)
      fumikura_add_bias(scratch.attentionInput, tokens, 3 * width, layer.attentionInput.bias)
      var start = 0
      for text in texts {
        attend(from: start, count: text.count, scratch)
        start += text.count
      }
      Self.multiply(scratch.context, tokens, width, layer.attentionOutput.weight, width, projected)
      fumikura_add_norm(
        hidden, projected, tokens, width, layer.attentionOutput.bias, layer.attentionNorm.weight,
        layer.attentionNorm.bias, epsilon)
      Self.multiply(hidden, tokens, width, layer.feedForwardInput.weight, inner, scratch.inner)
      fumikura_add_bias_gelu(scratch.inner, tokens, inner, layer.feedForwardInput.bias)
      Self.multiply(scratch.inner, tokens, inner, layer.feedForwardOutput.weight, width, projected)
      fumikura_add_norm(
        hidden, projected, tokens, width, layer.feedForwardOutput.bias, layer.feedForwardNorm.weight,
        layer.feedForwardNorm.bias, epsilon)
    }
  }

  /// out = in Wᵀ: rows × width times (columns × width)ᵀ.
  private static func multiply(
    _ input: UnsafePointer<Float>, _ rows: Int, _ width: Int, _ weight: UnsafePointer<Float>, _ columns: Int,
    _ output: UnsafeMutablePointer<Float>
  ) {
    cblas_sgemm(
      CblasRowMajor, CblasNoTrans, CblasTrans, Int32(rows), Int32(columns), Int32(width), 1, input, Int32(width),
      weight,
      Int32(width), 0, output, Int32(columns))
  }

  /// Scaled dot-product attention of every head within one text: softmax(Q Kᵀ / √d) V.
  private func attend(from start: Int, count: Int, _ scratch: EncoderScratch) {
    let width = dimensions
    let heads = model.header.heads
    let headWidth = width / heads
    let scale = 1 / Float(headWidth).squareRoot()
    let stride = Int32(3 * width)
    let (n, d) = (Int32(count), Int32(headWidth))
    for head in 0..<heads {
      let query = scratch.attentionInput + start * 3 * width + head * headWidth
      cblas_sgemm(
        CblasRowMajor, CblasNoTrans, CblasTrans, n, n, d, scale, query, stride, query + width, stride, 0,
        scratch.scores,
        n)
      fumikura_softmax(scratch.scores, count, count)
      cblas_sgemm(
        CblasRowMajor, CblasNoTrans, CblasNoTrans, n, d, n, 1, scratch.scores, n, query + 2 * width, stride, 0,
        scratch.context + start * width + head * headWidth, Int32(width))
    }
  }
}
