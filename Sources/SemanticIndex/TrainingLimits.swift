import RateReduction

/// What a training of a projector may take, and what follows from it.
struct TrainingLimits: Sendable {
  /// For encoding pseudo-queries and for learning; what comes after, a measurement and the codes, has no limit.
  let time: Duration
  /// Bytes.
  let memory: Int

  /// Passages that a training learns from at most. More teach it nothing that these do not.
  static let mostPassages = 100_000
  /// Passages that pseudo-queries are made of at most: a training of 500 steps draws 96,000 times from them.
  static let mostQueried = 50_000
  /// Passages whose pseudo-queries only measure.
  static let heldOutPassages = 400

  /// The share of the time after which no more is encoded.
  private static let encodingShare = 0.6
  /// Fewer passages are not worth a training.
  private static let fewestPassages = 1000

  func isEncodingOver(after elapsed: Duration) -> Bool { elapsed >= time * Self.encodingShare }

  /// How many passages with source vectors of so many dimensions can be learnt from in this memory.
  func passages(dimensions: Int) -> Int {
    // Measured with `bench train`: beside the rows, two stages at 384 dimensions take 170 MB.
    let fixed = 140 << 20 + ProjectorEvaluation.mostCandidates * dimensions * MemoryLayout<Float>.size
    // Itself and three pseudo-queries; each int8, with its scale and what says whose it is.
    let passage = 4 * (dimensions + 16)
    return min(Self.mostPassages, max(Self.fewestPassages, (memory - fixed) / passage))
  }
}
