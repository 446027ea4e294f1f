/// The weights of a BERT model, row-major, where they lie in the mapped file.
///
/// `@unchecked Sendable` because the mapping is never written, and `EncoderModel`, which alone hands them out, keeps it.
struct BertWeights: @unchecked Sendable {
  /// Scale and shift of a layer normalisation, `dimensions` each.
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
    /// 3 · dimensions × dimensions: query, key and value one after the other.
    var attentionInput: Linear
    var attentionOutput: Linear
    let attentionNorm: Norm
    /// feedForward × dimensions.
    var feedForwardInput: Linear
    /// dimensions × feedForward.
    var feedForwardOutput: Linear
    let feedForwardNorm: Norm
  }

  /// vocabulary × dimensions.
  let words: UnsafePointer<Float>
  /// positions × dimensions.
  let positions: UnsafePointer<Float>
  /// The embedding of token type 0, which a single text has everywhere.
  let type: UnsafePointer<Float>
  let embeddingNorm: Norm
  let layers: [Layer]

  /// Looks up every part by `find`, which knows a float part's place by its name and checks its shape.
  init(
    _ header: EncoderModelHeader, find: (String, [Int]) throws(EncoderModelError) -> UnsafePointer<Float>
  ) throws(EncoderModelError) {
    let (width, inner) = (header.dimensions, header.feedForward)
    func norm(_ name: String) throws(EncoderModelError) -> Norm {
      Norm(weight: try find("\(name).weight", [width]), bias: try find("\(name).bias", [width]))
    }
    func linear(_ name: String, _ out: Int, _ into: Int) throws(EncoderModelError) -> Linear {
      Linear(
        weight: try find("\(name).weight", [out, into]), bias: try find("\(name).bias", [out]), outputs: out,
        inputs: into)
    }
    words = try find("embedding.words", [header.vocabulary, width])
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
  }
}
