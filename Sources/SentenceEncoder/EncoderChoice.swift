import SystemPackage

/// The way in which a model is computed on this processor, and why.
package struct EncoderChoice: Sendable {
  package let encoder: any SentenceEncoder
  package let path: EncoderPath
  /// What multiplies: "AVX-512 VNNI and BF16", "OpenBLAS".
  package let kernels: String
  /// For people: "eight bits by AVX-512 VNNI", or why not.
  package let reason: String

  /// `path`, or the fastest that there is for this model on this processor where it is nil. Throws
  /// `EncoderModelError.unsupported` where `path` is `fast` and there is none.
  package init(_ model: EncoderModel, path: EncoderPath? = nil) throws(EncoderModelError) {
    guard model.header.family.isTransformer else {
      // There is one way only, whichever is asked for.
      encoder = StaticEncoder(model: model)
      self.path = path ?? .fast
      self.kernels = "a table"
      reason = "a static model: token vectors of eight bits are looked up and summed"
      return
    }
    let kernels = FastKernels.fastest()
    let obstacle = Self.obstacle(to: model, with: kernels)
    if let kernels, obstacle == nil, path != .reference {
      encoder = FastEncoder(model: model, kernels: kernels)
      self.path = .fast
      self.kernels = kernels.name
      reason = "eight bits by \(kernels.name)"
      return
    }
    if path == .fast, let obstacle {
      throw .unsupported(
        source: model.path.string, what: "path for this model here", got: "fast", supported: "reference: \(obstacle)")
    }
    let reference = ReferenceEncoder(model: model)
    encoder = reference
    self.path = .reference
    self.kernels = reference.products == .avx512 ? "AVX-512" : "OpenBLAS"
    reason = "float32 by \(self.kernels): " + (obstacle ?? "as asked for")
  }

  private static func obstacle(to model: EncoderModel, with kernels: FastKernels?) -> String? {
    if kernels != nil { return FastEncoder.obstacle(in: model) }
    if FastKernels.all.isEmpty { return "this processor has no AVX2, which eight bits need" }
    return "\(FastKernels.limitVariable) leaves no AVX2, which eight bits need"
  }
}
