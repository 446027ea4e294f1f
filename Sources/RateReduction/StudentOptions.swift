/// How a static student is fitted to its teacher. What each default brings is in docs/models.md.
package struct StudentOptions: Sendable, Equatable {
  /// Numbers of a token's vector.
  package var dimensions: Int
  package var steps = 1300
  /// Passages of a step, each with one of its pseudo-queries.
  package var batch = 256
  /// Adam's, falling to 0 along a cosine.
  package var learningRate: Float = 2e-3
  /// Of the similarities' softmax, the teacher's and the student's.
  package var temperature: Float = 0.05
  /// Share of a text's tokens that a step leaves out at random, so that no few of them carry it.
  package var dropout = 0.4
  /// *a* of a/(a + p), by which a token of relative frequency p counts at the start (Arora et al. 2017).
  package var frequencyWeight = 1e-3
  /// Of the rate reduction, a passage and its pseudo-query being a class; 0 leaves it out.
  package var rateWeight: Float = 1
  /// ε² of the rate reduction.
  package var distortion: Float = 0.2
  package var seed: UInt64

  package init(dimensions: Int = 256, seed: UInt64 = 1) {
    self.dimensions = dimensions
    self.seed = seed
  }

  func check() throws(RateReductionError) {
    for (what, got) in [("dimensions", dimensions), ("steps", steps), ("passages of a step", batch)]
    where !(1...1_000_000).contains(got) {
      throw .invalid(what: "the student's \(what)", got: "\(got)", expected: "1 to 1,000,000")
    }
    for (what, got) in [("learning rate", learningRate), ("temperature", temperature), ("distortion", distortion)]
    where !(got > 0 && got.isFinite) {
      throw .invalid(what: "the student's \(what)", got: "\(got)", expected: "a number above 0")
    }
    guard (0..<1).contains(dropout) else {
      throw .invalid(what: "the student's dropout", got: "\(dropout)", expected: "0 to below 1")
    }
    guard frequencyWeight > 0, frequencyWeight.isFinite, rateWeight >= 0, rateWeight.isFinite else {
      throw .invalid(
        what: "the student's weights", got: "\(frequencyWeight) and \(rateWeight)", expected: "numbers of 0 or more")
    }
  }
}
