import CEncoderKernels
import Foundation
package import LinearAlgebra
import Synchronization

/// The encoder in whole numbers of eight bits: several times as fast as `ReferenceEncoder`, with vectors whose cosine to
/// its is .998 and more.
///
/// Each linear layer multiplies bytes: a weight has the scale of its output, an activation the scale and the lowest value
/// of its token, found anew for every token, so that no model needs calibrating. What comes between is float32, and
/// attention bfloat16 where the processor multiplies that. Between two products nothing is written that does not stay in
/// the cache: after the attention, 48 tokens at a time go through the rest of the layer. docs/encoder.md has the figures
/// and what else was tried. Source of the scheme: Dettmers et al. 2022 (arXiv 2208.07339), §3.1, by rows.
///
/// Safe from several threads at once: each call borrows working memory of its own, about 2 MB for all-MiniLM-L6-v2, which
/// is kept for later calls.
package final class FastEncoder: SentenceEncoder {
  package let model: EncoderModel
  package let kernels: FastKernels
  package var dimensions: Int { model.dimensions }
  /// A batch has at most so many tokens, or one text. More would leave the second-level cache, and gain nothing: a
  /// product of few rows is as fast as one of many.
  private let maximumBatchTokens: Int
  private let weights: FastWeights
  /// Whether attention is computed by the kernels; by `floatAttention` where not.
  private let attendsInBFloat16: Bool
  private let floatAttention: FloatAttention
  private let attentionByteCount: Int
  private let idle = Mutex<[FastScratch]>([])

  /// Why a model cannot be computed in eight bits; nil where it can.
  package static func obstacle(in model: EncoderModel) -> String? {
    let header = model.header
    guard header.family.isTransformer else { return "it has no layers" }
    let panel = Int(FUMIKURA_FAST_PANEL)
    for (what, size) in [("width", header.hiddenSize), ("feed-forward width", header.feedForward)]
    where size % panel != 0 { return "its \(what) is \(size), no multiple of \(panel)" }
    if header.feedForward > 16384 { return "its feed-forward width is \(header.feedForward), over 16384" }
    return nil
  }

  /// - Precondition: `obstacle(in: model)` is nil.
  package init(model: EncoderModel, kernels: FastKernels, maximumBatchTokens: Int = 256) {
    precondition(maximumBatchTokens > 0, "a batch has a token at least")
    precondition(Self.obstacle(in: model) == nil, "a model of other widths")
    self.model = model
    self.kernels = kernels
    self.maximumBatchTokens = max(maximumBatchTokens, model.maximumTokens)
    let headWidth = model.header.hiddenSize / model.header.heads
    attendsInBFloat16 = kernels.attendsInBFloat16 && headWidth % 32 == 0
    floatAttention = FloatAttention(
      products: kernels.isWide ? .avx512 : .openBLAS, hiddenSize: model.header.hiddenSize, heads: model.header.heads)
    let counts = floatAttention.scratchCounts(tokens: model.maximumTokens)
    attentionByteCount =
      attendsInBFloat16
      ? fumikura_attention_scratch(model.maximumTokens, headWidth) : 4 * (counts.scores + counts.keys + 16)
    weights = FastWeights(
      model, kernels: kernels,
      // Attention in bfloat16 takes powers of two.
      queryFactor: attendsInBFloat16 ? Float(M_LOG2E / Double(headWidth).squareRoot()) : 1)
    useOneThread()
  }

  package func encode(_ texts: [String], as role: TextRole) throws -> Matrix {
    encode(tokenIDs: texts.map { model.tokenIDs(of: $0, as: role) })
  }

  /// The unit vectors of texts that are cut into tokens already; each has 1 to `model.maximumTokens` ids of the model.
  package func encode(tokenIDs: [[Int32]]) -> Matrix {
    let scratch =
      idle.withLock { $0.popLast() }
      ?? FastScratch(tokens: maximumBatchTokens, attentionByteCount: attentionByteCount, header: model.header)
    defer { idle.withLock { $0.append(scratch) } }
    return TokenBatches(model, maximumTokens: maximumBatchTokens).vectors(of: tokenIDs) { texts in
      forward(texts, scratch)
      return UnsafePointer(scratch.hidden)
    }
  }

  /// Multiplies and adds a second that the products of this model's layers take by themselves, as whole sums and with
  /// nothing in between: the limit of any encoder with these kernels. Computes for about `seconds`.
  package func productRate(seconds: Double) -> (operations: Double, seconds: Double) {
    let scratch = FastScratch(tokens: maximumBatchTokens, attentionByteCount: attentionByteCount, header: model.header)
    let rows = FastScratch.block * (maximumBatchTokens / FastScratch.block)
    let matrices: [KeyPath<FastWeights.Layer, fumikura_weights>] = [
      \.attentionInput, \.attentionOutput.weights, \.feedForwardInput, \.feedForwardOutput.weights,
    ]
    let clock = ContinuousClock()
    let start = clock.now
    var operations = 0.0
    repeat {
      for layer in weights.layers {
        for matrix in matrices {
          let weights = layer[keyPath: matrix]
          for _ in stride(from: 0, to: rows, by: FastScratch.block) {
            withUnsafePointer(to: weights) {
              kernels.functions.multiply(
                scratch.innerBytes, FastScratch.block, $0, FUMIKURA_PRODUCT_SUMS, scratch.attentionInput)
            }
          }
          operations += 2 * Double(rows) * Double(weights.columns) * Double(weights.width)
        }
      }
    } while clock.now - start < .seconds(seconds)
    return (operations, (clock.now - start) / .seconds(1))
  }

  /// Leaves the last hidden states of all tokens of `texts`, one after the other, in `scratch.hidden`.
  private func forward(_ texts: [[Int32]], _ scratch: FastScratch) {
    let (header, functions) = (model.header, kernels.functions)
    let width = header.hiddenSize
    let tokens = scratch.embeddings.look(up: texts, in: model, to: scratch.hidden, capacity: scratch.tokens)
    functions.quantize(scratch.hidden, tokens, width, weights.layers[0].attentionFactors, scratch.hiddenBytes)
    let tile = Int(FUMIKURA_FAST_ROWS)
    let rows = (tokens + tile - 1) / tile * tile
    for (index, layer) in weights.layers.enumerated() {
      withUnsafePointer(to: layer.attentionInput) {
        functions.multiply(
          scratch.hiddenBytes, rows, $0, attendsInBFloat16 ? FUMIKURA_PRODUCT_BFLOAT : FUMIKURA_PRODUCT_FLOAT,
          scratch.attentionInput)
      }
      attend(texts, scratch)
      for first in stride(from: 0, to: rows, by: FastScratch.block) {
        finish(index, rows: first..<min(first + FastScratch.block, rows), scratch)
      }
    }
  }

  private func attend(_ texts: [[Int32]], _ scratch: FastScratch) {
    let width = model.header.hiddenSize
    var start = 0
    for text in texts {
      let context = scratch.context + start * width
      if attendsInBFloat16 {
        kernels.functions.attend(
          scratch.attentionInput.assumingMemoryBound(to: UInt16.self) + start * 3 * width, text.count,
          model.header.heads, width / model.header.heads, scratch.attention, context)
      } else {
        let scores = scratch.attention.assumingMemoryBound(to: Float.self)
        let counts = floatAttention.scratchCounts(tokens: text.count)
        floatAttention.attend(
          scratch.attentionInput.assumingMemoryBound(to: Float.self) + start * 3 * width, tokens: text.count,
          scores: scores, keys: scores + (counts.scores + 15) / 16 * 16, context: context)
      }
      start += text.count
    }
  }

  /// Takes some tokens from the heads' outputs to the end of a layer.
  private func finish(_ index: Int, rows: Range<Int>, _ scratch: FastScratch) {
    let (header, functions) = (model.header, kernels.functions)
    let (layer, norms) = (weights.layers[index], model.weights.layers[index])
    // What comes after the last layer is in float32: any factors do.
    let following = weights.layers[min(index + 1, weights.layers.count - 1)]
    let (width, inner, count) = (header.hiddenSize, header.feedForward, rows.count)
    let hidden = scratch.hidden + rows.lowerBound * width
    let context = scratch.context + rows.lowerBound * width
    let hiddenBytes = scratch.hiddenBytes.advanced(by: rows.lowerBound, width: width)
    func add(_ input: fumikura_rows, _ exact: UnsafePointer<Float>, _ inputs: Int, _ linear: FastWeights.Linear) {
      withUnsafePointer(to: linear.weights) { functions.multiply(input, count, $0, FUMIKURA_PRODUCT_ADD, hidden) }
      fumikura_add_outliers(exact, count, inputs, linear.outliers, linear.outliers.count, hidden, width)
    }
    func norm(_ norm: BertWeights.Norm, _ factors: UnsafePointer<Float>) {
      functions.norm(hidden, count, width, norm.weight, norm.bias, header.layerNormEpsilon, factors, hiddenBytes)
    }
    functions.quantize(context, count, width, nil, scratch.contextBytes)
    add(scratch.contextBytes, context, width, layer.attentionOutput)
    norm(norms.attentionNorm, layer.feedForwardFactors)
    withUnsafePointer(to: layer.feedForwardInput) {
      functions.multiply(
        hiddenBytes, count, $0, header.activation == .relu ? FUMIKURA_PRODUCT_RELU : FUMIKURA_PRODUCT_GELU,
        scratch.inner)
    }
    functions.quantize(scratch.inner, count, inner, nil, scratch.innerBytes)
    add(scratch.innerBytes, scratch.inner, inner, layer.feedForwardOutput)
    norm(norms.feedForwardNorm, following.attentionFactors)
  }
}

extension fumikura_rows {
  fileprivate func advanced(by rows: Int, width: Int) -> fumikura_rows {
    fumikura_rows(values: values + rows * width, scales: scales + rows, lows: lows + rows)
  }
}
