import CEncoderKernels
import COpenBLAS
package import LinearAlgebra
import Synchronization

/// The float32 encoder, with nothing approximated: the truth that faster encoders are measured against.
///
/// The texts of a batch lie packed one after the other without padding: the four products of a layer run over all
/// their tokens at once, attention text by text. Source: Vaswani et al. 2017 (arXiv 1706.03762); Devlin et al. 2019
/// (arXiv 1810.04805); mean pooling, Reimers & Gurevych 2019 (arXiv 1908.10084).
///
/// Safe from several threads at once: each call borrows working memory of its own, about 10 MB for a batch of 1,024
/// tokens of all-MiniLM-L6-v2, which is kept for later calls.
package final class ReferenceEncoder: SentenceEncoder {
  /// What computes the matrix products, nine tenths of all work.
  package enum Products: String, Sendable, CaseIterable {
    /// OpenBLAS, on any processor.
    case openBLAS
    /// A kernel of our own for AVX-512. Debian 12's OpenBLAS is older than the processors that run 512 bits at full
    /// speed, and takes its kernels of 256 bits for them: half the rate. Keeps a second copy of the layers' weights
    /// in memory (43 MB for all-MiniLM-L6-v2), in the order in which they are read, and lets the mapped ones go.
    case avx512

    /// The fastest that this processor can run.
    package static var fastest: Products { fumikura_has_wide_product() ? .avx512 : .openBLAS }
  }

  package let model: EncoderModel
  package let products: Products
  package var dimensions: Int { model.dimensions }
  /// A batch has at most so many tokens, or one text.
  private let maximumBatchTokens: Int
  private let packed: PackedWeights?
  private let attention: FloatAttention
  private let idle = Mutex<[EncoderScratch]>([])

  /// - Precondition: the processor can run `products`, and the model is a transformer.
  package init(model: EncoderModel, maximumBatchTokens: Int = 1024, products: Products = .fastest) {
    precondition(maximumBatchTokens > 0, "a batch has a token at least")
    precondition(!model.isStatic, "a static model has no layers to compute")
    precondition(products == .openBLAS || fumikura_has_wide_product(), "this processor has no AVX-512")
    self.model = model
    self.products = products
    self.maximumBatchTokens = max(maximumBatchTokens, model.maximumTokens)
    attention = FloatAttention(products: products, hiddenSize: model.header.hiddenSize, heads: model.header.heads)
    packed = products == .avx512 ? PackedWeights(model) : nil
    useOneThread()
  }

  package func encode(_ texts: [String], as role: TextRole) throws -> Matrix {
    encode(tokenIDs: texts.map { model.tokenIDs(of: $0, as: role) })
  }

  /// The unit vectors of texts that are cut into tokens already; each has 1 to `model.maximumTokens` ids of the model.
  package func encode(tokenIDs: [[Int32]]) -> Matrix {
    let scratch =
      idle.withLock { $0.popLast() }
      ?? EncoderScratch(tokens: maximumBatchTokens, longest: model.maximumTokens, header: model.header)
    defer { idle.withLock { $0.append(scratch) } }
    return TokenBatches(model, maximumTokens: maximumBatchTokens).vectors(of: tokenIDs) { texts in
      forward(texts, scratch)
      return UnsafePointer(scratch.hidden)
    }
  }

  /// A place in a layer.
  enum Stage { case attentionInput, feedForwardInput }

  /// Runs the layers over `texts`, which fit one batch, and shows `witness` what goes into each, tokens × `hiddenSize`.
  func observe(_ texts: [[Int32]], _ witness: Witness) {
    forward(
      texts, EncoderScratch(tokens: maximumBatchTokens, longest: model.maximumTokens, header: model.header), witness)
  }

  typealias Witness = (_ layer: Int, _ stage: Stage, _ hidden: UnsafePointer<Float>, _ tokens: Int) -> Void

  /// Leaves the last hidden states of all tokens of `texts`, one after the other, in `scratch.hidden`.
  private func forward(_ texts: [[Int32]], _ scratch: EncoderScratch, _ witness: Witness = { _, _, _, _ in }) {
    let weights = model.weights
    let epsilon = model.header.layerNormEpsilon
    let (width, inner) = (model.header.hiddenSize, model.header.feedForward)
    let (hidden, projected) = (scratch.hidden, scratch.projected)
    let tokens = scratch.embeddings.look(up: texts, in: model, to: hidden, capacity: scratch.tokens)
    for (index, layer) in (packed?.layers ?? weights.layers).enumerated() {
      witness(index, .attentionInput, hidden, tokens)
      multiply(hidden, tokens, layer.attentionInput, scratch.attentionInput)
      fumikura_add_bias(scratch.attentionInput, tokens, 3 * width, layer.attentionInput.bias)
      var start = 0
      for text in texts {
        attention.attend(
          scratch.attentionInput + start * 3 * width, tokens: text.count, scores: scratch.scores, keys: scratch.keys,
          context: scratch.context + start * width)
        start += text.count
      }
      multiply(scratch.context, tokens, layer.attentionOutput, projected)
      fumikura_add_norm(
        hidden, projected, tokens, width, layer.attentionOutput.bias, layer.attentionNorm.weight,
        layer.attentionNorm.bias, epsilon)
      witness(index, .feedForwardInput, hidden, tokens)
      multiply(hidden, tokens, layer.feedForwardInput, scratch.inner)
      activate(scratch.inner, tokens, inner, layer.feedForwardInput.bias)
      multiply(scratch.inner, tokens, layer.feedForwardOutput, projected)
      fumikura_add_norm(
        hidden, projected, tokens, width, layer.feedForwardOutput.bias, layer.feedForwardNorm.weight,
        layer.feedForwardNorm.bias, epsilon)
    }
  }

  /// Adds the bias to every row and applies the model's activation.
  private func activate(
    _ values: UnsafeMutablePointer<Float>, _ rows: Int, _ width: Int, _ bias: UnsafePointer<Float>
  ) {
    switch model.header.activation {
    case .gelu: fumikura_add_bias_gelu(values, rows, width, bias)
    case .geluTanh: fumikura_add_bias_gelu_tanh(values, rows, width, bias)
    case .relu: fumikura_add_bias_relu(values, rows, width, bias)
    }
  }

  /// out = in Wᵀ: rows × inputs times (outputs × inputs)ᵀ.
  private func multiply(
    _ input: UnsafePointer<Float>, _ rows: Int, _ linear: BertWeights.Linear, _ output: UnsafeMutablePointer<Float>
  ) {
    let (inputs, outputs) = (linear.inputs, linear.outputs)
    switch products {
    case .openBLAS:
      cblas_sgemm(
        CblasRowMajor, CblasNoTrans, CblasTrans, Int32(rows), Int32(outputs), Int32(inputs), 1, input, Int32(inputs),
        linear.weight, Int32(inputs), 0, output, Int32(outputs))
    case .avx512:
      let panel = PackedWeights.panelColumns
      fumikura_multiply(
        input, inputs, rows, inputs, linear.weight, panel, panel * inputs, outputs, output, outputs)
    }
  }
}
