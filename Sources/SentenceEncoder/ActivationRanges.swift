import LinearAlgebra

/// How large the components of each layer's inputs become, found by running the model in float32 on a few texts of
/// random tokens: nobody's documents are needed. Which components are large is a property of the model's weights, so
/// that such texts show it as well as real ones.
struct ActivationRanges {
  struct Layer {
    /// The largest absolute value of each component, `hiddenSize` numbers.
    var attentionInput: [Float]
    var feedForwardInput: [Float]
  }

  private(set) var layers: [Layer]

  private static let lengths = [2, 4, 8, 16, 32]

  init(_ model: EncoderModel) {
    let width = model.header.hiddenSize
    let none = [Float](repeating: 0, count: width)
    var layers = [Layer](
      repeating: Layer(attentionInput: none, feedForwardInput: none), count: model.header.layers)
    var generator = SeededGenerator(seed: 1)
    let ends = model.tokenizer.tokenIDs(of: "", limit: 2)
    let texts = Self.lengths.map { length in
      let inner = min(length, model.maximumTokens - 2)
      let ids = (0..<inner).map { _ in Int32.random(in: 0..<Int32(model.header.vocabulary), using: &generator) }
      return ends.prefix(1) + ids + ends.suffix(1)
    }
    ReferenceEncoder(model: model, maximumBatchTokens: 256, products: .openBLAS).observe(texts.map(Array.init)) {
      layer, stage, hidden, tokens in
      let path: WritableKeyPath<Layer, [Float]> =
        stage == .attentionInput ? \.attentionInput : \.feedForwardInput
      layers[layer][keyPath: path].withUnsafeMutableBufferPointer { largest in
        for token in 0..<tokens {
          for k in 0..<width { largest[k] = max(largest[k], abs(hidden[token * width + k])) }
        }
      }
    }
    self.layers = layers
  }
}
