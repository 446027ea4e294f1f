/// `config.json` of a dense module.
struct DenseConfiguration {
  let description: EncoderModelHeader.Dense
  let hasBias: Bool

  private struct File: Decodable {
    let inFeatures: Int
    let outFeatures: Int
    let bias: Bool?
    let activationFunction: String?
    let moduleInputName: String?
    let moduleOutputName: String?
    let useResidual: Bool?
  }

  private static let activations: [String: DenseActivation] = [
    "Identity": .identity, "Tanh": .tanh, "ReLU": .relu, "GELU": .gelu, "Sigmoid": .sigmoid,
  ]

  init(_ source: ModelSource, part: String, width: Int) throws(EncoderModelError) {
    guard let file = try source.json(part, as: File.self) else {
      throw .missingPart(source: source.name, part: part, hint: "the dense layer's configuration")
    }
    func unsupported(_ what: String, _ got: String, _ supported: String) -> EncoderModelError {
      .unsupported(source: source.name, what: what, got: got, supported: supported)
    }
    // Without one, sentence-transformers takes Tanh. The class stands at the end of a path of packages.
    let activation = file.activationFunction ?? "Tanh"
    let kind = activation.split(separator: ".").last.map(String.init) ?? activation
    guard let known = Self.activations[kind] else {
      throw unsupported("dense layer's activation", activation, Self.activations.keys.sorted().joined(separator: ", "))
    }
    for name in [file.moduleInputName, file.moduleOutputName] {
      if let name, name != "sentence_embedding" {
        throw unsupported("dense layer's input or output", name, "sentence_embedding")
      }
    }
    guard file.useResidual != true else {
      throw unsupported("dense layer", "one with a residual connection", "ones without")
    }
    guard file.inFeatures == width, (1...8192).contains(file.outFeatures) else {
      throw .malformedPart(
        source: source.name, part: part, got: "\(file.inFeatures) to \(file.outFeatures) numbers",
        expected: "\(width) to between 1 and 8192")
    }
    description = EncoderModelHeader.Dense(inputs: width, outputs: file.outFeatures, activation: known)
    hasBias = file.bias ?? true
  }
}
