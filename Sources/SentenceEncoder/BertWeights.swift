/// The weights of a model, row-major, where they lie in the mapped file.
///
/// `@unchecked Sendable` because the mapping is never written, and `EncoderModel`, which alone hands them out, keeps it.
struct BertWeights: @unchecked Sendable {
  /// Scale and shift of a layer normalisation, `hiddenSize` each.
  struct Norm {
    let weight: UnsafePointer<Float>
    let bias: UnsafePointer<Float>
  }

  /// y = W x + b, W being outputs × inputs.
  struct Linear {
    var weight: UnsafePointer<Float>
    let bias: UnsafePointer<Float>
    let outputs: Int
    let inputs: Int
  }

  struct Layer {
    /// 3 · hiddenSize × hiddenSize: query, key and value one after the other.
    var attentionInput: Linear
    var attentionOutput: Linear
    let attentionNorm: Norm
    /// feedForward × hiddenSize.
    var feedForwardInput: Linear
    /// hiddenSize × feedForward.
    var feedForwardOutput: Linear
    let feedForwardNorm: Norm
  }

  /// vocabulary × hiddenSize.
  let words: EmbeddingTable
  /// positions × hiddenSize; row *i* for a text's token *i*.
  let positions: UnsafePointer<Float>
  /// The embedding of token type 0, which a single text has everywhere.
  let type: UnsafePointer<Float>
  let embeddingNorm: Norm
  let layers: [Layer]
  /// After pooling, in their order.
  let dense: [Linear]

  /// Looks up every part by `find`, which knows a float part's place by its name and checks its shape.
  init(
    _ header: EncoderModelHeader, words: EmbeddingTable,
    find: (String, [Int]) throws(EncoderModelError) -> UnsafePointer<Float>
  ) throws(EncoderModelError) {
    let (width, inner) = (header.hiddenSize, header.feedForward)
    func norm(_ name: String) throws(EncoderModelError) -> Norm {
      Norm(weight: try find("\(name).weight", [width]), bias: try find("\(name).bias", [width]))
    }
    func linear(_ name: String, _ out: Int, _ into: Int) throws(EncoderModelError) -> Linear {
      Linear(
        weight: try find("\(name).weight", [out, into]), bias: try find("\(name).bias", [out]), outputs: out,
        inputs: into)
    }
    self.words = words
    positions = try find("embedding.positions", [header.positions, width])
    type = try find("embedding.type", [width])
    embeddingNorm = try norm("embedding.norm")
    var layers: [Layer] = []
    for index in 0..<header.layers {
      let name = "layer.\(index)"
      layers.append(
        Layer(
          attentionInput: try linear("\(name).attention.input", 3 * width, width),
          attentionOutput: try linear("\(name).attention.output", width, width),
          attentionNorm: try norm("\(name).attention.norm"),
          feedForwardInput: try linear("\(name).feedforward.input", inner, width),
          feedForwardOutput: try linear("\(name).feedforward.output", width, inner),
          feedForwardNorm: try norm("\(name).feedforward.norm")))
    }
    self.layers = layers
    var dense: [Linear] = []
    for (index, layer) in header.dense.enumerated() {
      dense.append(try linear("dense.\(index)", layer.outputs, layer.inputs))
    }
    self.dense = dense
  }
}
