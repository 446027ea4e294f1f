/// The settings of a training. The defaults are those that were measured to be best.
package struct TrainingOptions: Sendable, Hashable {
  /// d of the codes.
  package var dimensions = 128
  /// Of everything random: batches, weights, and the rotation, which the codes use too.
  package var seed: UInt64 = 1
  /// Nil: as many as the corpus is worth (``steps(passages:)``).
  package var steps: Int?
  /// Scores on held-out pseudo-queries without a better one after which training ends early; they are taken ten times in
  /// the second half of the steps.
  package var patience = 4
  /// Passages a step, drawn without replacement; all of them where there are fewer.
  package var batch = 256
  /// Neighbourhoods that a step draws passages from, of those that have pseudo-queries; the rest of its batch are any
  /// passages. Where all come at random from a large corpus, few are near one another, and codes do not learn to tell
  /// those apart …
  package var neighbourhoods = 2
  /// … the passages of one: the nearest to a random one …
  package var neighbourhoodSize = 240
  /// … and how much of a batch they are together.
  package var neighbourShare = 0.75
  /// At most this many pseudo-queries of a passage are used in a step, drawn at random where it has more.
  package var pseudoQueriesPerPassage = 3
  /// Hidden width of the residual perceptron.
  package var hidden = 512
  /// γ of the whitened PCA that training starts from.
  package var startGamma = 0.25
  /// The teacher: whitened PCA of this many dimensions (or as many as the source has) …
  package var teacherDimensions = 256
  /// … and this γ.
  package var teacherGamma = 0.15
  /// τ of the student in the distillation …
  package var temperature: Float = 0.07
  /// … and of the teacher: sharper, so that the student is to set what is near further apart than its teacher does.
  package var teacherTemperature: Float = 0.05
  /// How much of what a pseudo-query is to find is its own passage, instead of what the teacher finds for it.
  package var answerShare: Float = 0.1
  /// The weight of passages against passages; pseudo-queries against passages have the rest of 1. Without any
  /// pseudo-query, it is 1.
  package var passageWeight: Float = 0.2
  /// The first learning rate; it falls to 0 by a half cosine.
  package var learningRate: Float = 1e-3
  /// Decoupled, on all weights and biases.
  package var weightDecay: Float = 1e-4
  /// β and ε² of the rate reduction where a passage and its pseudo-queries are a class.
  package var pairRate = RateTerm(weight: 0.3, distortion: 0.2)
  /// w and ε² of the rate reduction where passages have classes, beside that of pairs. A larger w draws classes further apart and forgets more
  /// of the rest. At 64 dimensions, w 200 · 500 · 1000: label mAP on banking77 .637 · .698 · .730 (source vectors .532), on
  /// 20 newsgroups .437 · .534 · .613 (.357); with Cranfield's passages in the corpus and no class, those keep .90–.95 ·
  /// .85–.92 · .86 of the source vectors' nDCG@10.
  package var classRate = RateTerm(weight: 500, distortion: 10)
  /// Weight and τ of supervised contrast beside the rate reduction where passages have classes.
  package var classContrast = ContrastTerm(weight: 0, temperature: 0.1)
  /// Of the distillation as a whole; 0 leaves it out.
  package var distillationWeight: Float = 1
  /// Passages of each class in a step; all classes are in every step as long as ``classRows`` has room.
  package var rowsPerClass = 8
  /// At most so many passages are drawn for the classes of a step.
  package var classRows = 1024
  /// Whether passages are cut to one bit in the distillation.
  package var isOneBit = true

  package struct RateTerm: Sendable, Hashable {
    package var weight: Float
    /// ε².
    package var distortion: Float

    package init(weight: Float, distortion: Float) {
      self.weight = weight
      self.distortion = distortion
    }
  }

  package struct ContrastTerm: Sendable, Hashable {
    package var weight: Float
    /// τ.
    package var temperature: Float

    package init(weight: Float, temperature: Float) {
      self.weight = weight
      self.temperature = temperature
    }
  }

  package init(dimensions: Int = 128, seed: UInt64 = 1) {
    self.dimensions = dimensions
    self.seed = seed
  }

  /// ``steps``, or what a corpus of so many passages is worth where that is nil: 500 up to 10,000 passages, to which more
  /// give nothing, then more in proportion, up to what 100,000 passages have time for in a minute: 1,500, and 1,000 where
  /// more than 128 dimensions make a step slower. (A pool of 48,000 passages, 128 dimensions, 2 bits: 500 steps keep .897,
  /// 2,000 .930.)
  package func steps(passages: Int) -> Int {
    steps ?? min(max(500, passages / 20), dimensions > 128 ? 1000 : 1500)
  }

  /// - Throws: for numbers that no training can be made with.
  func check(input: Int) throws {
    try Projector.check(dimensions, of: input)
    let counts: [(String, Int)] = [
      ("steps", steps ?? 1), ("patience", patience), ("batch", batch), ("neighbourhood size", neighbourhoodSize),
      ("hidden", hidden),
      ("teacher dimensions", teacherDimensions),
      ("rows a class", rowsPerClass), ("rows of classes", classRows),
    ]
    for (what, count) in counts where count < 1 {
      throw RateReductionError.invalid(what: what, got: "\(count)", expected: "1 or more")
    }
    guard neighbourhoods >= 0 else {
      throw RateReductionError.invalid(what: "neighbourhoods", got: "\(neighbourhoods)", expected: "0 or more")
    }
    guard 0...1 ~= neighbourShare else {
      throw RateReductionError.invalid(what: "the share of neighbours", got: "\(neighbourShare)", expected: "0 to 1")
    }
    for (what, value) in [
      ("temperature", temperature), ("teacher temperature", teacherTemperature), ("pair ε²", pairRate.distortion),
      ("class ε²", classRate.distortion), ("contrast τ", classContrast.temperature),
    ]
    where !(value > 0) {
      throw RateReductionError.invalid(what: what, got: "\(value)", expected: "a number above 0")
    }
  }
}
