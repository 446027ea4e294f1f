import Evaluation
import LinearAlgebra
import LinuxSystem
import PassageStore
import RateReduction

/// Makes pseudo-queries of passages, in random order, and gives their vectors: those that an earlier training left in the
/// store, and the others by the encoder, which are left there in turn.
///
/// A passage's pseudo-queries are the same each time, so that of a corpus that has grown only what is new is encoded.
struct PseudoQueryEncoder {
  let store: PassageStore
  let model: SHA256Digest
  let dimensions: Int
  /// As queries are encoded: a unit row for each text.
  let encode: ([String]) throws -> Matrix

  /// Pseudo-queries, each with the row of its passage.
  struct Vectors: Sendable {
    var rows: QuantizedRows
    var owners: [Int] = []
  }

  struct Outcome: CustomStringConvertible {
    var training: Vectors
    /// Of other passages, to measure by.
    var heldOut: Vectors
    /// Passages that were asked about, and that there would have been.
    var passages = 0
    let wanted: Int
    var encoded = 0
    /// Vectors that the store had.
    var known = 0

    var description: String {
      "pseudo-queries of \(passages) passages, \(encoded) encoded and \(known) known already"
        + (passages < wanted ? "; there was no time for \(wanted - passages) passages more" : "")
    }
  }

  /// A title and two sentences.
  private static let questionsPerPassage = 3
  /// Passages that are read at once.
  private static let slice = 256
  /// Texts that are encoded at once.
  private static let batch = 64

  /// - Parameters:
  ///   - vectors: the source vectors of the sample; owners are places in it.
  ///   - isTimeUp: asked before each slice of passages but the first, and the held-out ones, which are always encoded.
  ///   - progress: told after each batch what share is done; what it throws ends the work.
  func vectors(
    ofPassagesWith vectors: [Int64], most: Int = TrainingLimits.mostQueried,
    heldOut: Int = TrainingLimits.heldOutPassages, seed: UInt64, isTimeUp: () -> Bool,
    progress: (Double) throws -> Void
  ) throws -> Outcome {
    let heldOut = min(heldOut, vectors.count / 5)
    var generator = SeededGenerator(seed: seed)
    let order = generator.sample(heldOut + most, below: vectors.count)
    let none = Vectors(rows: QuantizedRows(columns: dimensions))
    var outcome = Outcome(training: none, heldOut: none, wanted: order.count)
    outcome.training.rows.reserve(Self.questionsPerPassage * (order.count - heldOut))
    var measuring: Set<SHA256Digest> = []
    var start = 0
    while start < order.count {
      if start > heldOut, isTimeUp() { break }
      // The held-out ones first, in slices of their own.
      let end = min(start + Self.slice, start < heldOut ? heldOut : order.count)
      let asked = try ask(Array(order[start..<end]), vectors, seed: seed, &outcome) {
        try progress((Double(start) + $0 * Double(end - start)) / Double(order.count))
      }
      if start < heldOut {
        outcome.heldOut.append(asked)
        measuring.formUnion(asked.map(\.key))
      } else {
        // What many passages have in common, as a heading, is not learnt where it measures.
        outcome.training.append(asked.filter { !measuring.contains($0.key) })
      }
      outcome.passages += end - start
      start = end
    }
    // As many as a training takes: those of passages that this one did not draw are the first to go.
    try store.dropOldQuestions(of: model, keeping: Self.questionsPerPassage * order.count)
    return outcome
  }

  /// One question of one passage.
  fileprivate struct Asked {
    let key: SHA256Digest
    let vector: SourceVector
    let owner: Int
  }

  /// The questions of some rows of the sample, and their vectors.
  private func ask(
    _ rows: [Int], _ vectors: [Int64], seed: UInt64, _ outcome: inout Outcome, progress: (Double) throws -> Void
  ) throws -> [Asked] {
    struct Question {
      let text: String
      let key: SHA256Digest
      let passage: PassageDetail
      let owner: Int
    }
    let passages = try store.passages(ofVectors: rows.map { vectors[$0] })
    var questions: [Question] = []
    for row in rows {
      guard let passage = passages[vectors[row]] else { continue }  // gone meanwhile
      // A seed of the passage's own, whatever stands beside it.
      let own = PassageKey.of(passage.text, model: model).bytes.prefix(8).reduce(seed) { $0 &* 257 &+ UInt64($1) }
      for text in PseudoQueries(
        of: [(title: passage.heading ?? "", text: passage.text)], sentences: Self.questionsPerPassage - 1, seed: own
      ).texts {
        questions.append(
          Question(text: text, key: PassageKey.of(text, model: model), passage: passage, owner: row))
      }
    }
    var known = try store.questions(questions.map(\.key)).filter { $0.value.values.count == dimensions }
      .mapValues { SourceVector(values: $0.values, scale: $0.scale) }
    var missing: [Question] = []
    for question in questions where known[question.key] == nil {
      known[question.key] = SourceVector([])
      missing.append(question)
    }
    outcome.known += questions.count - missing.count
    outcome.encoded += missing.count
    // Texts of like length side by side.
    missing.sort { ($0.text.utf8.count, $0.owner) < ($1.text.utf8.count, $1.owner) }
    var new: [NewQuestion] = []
    for start in stride(from: 0, to: missing.count, by: Self.batch) {
      try progress(Double(start) / Double(missing.count))
      let batch = missing[start..<min(start + Self.batch, missing.count)]
      let encoded = try encode(batch.map(\.text))
      for (row, question) in batch.enumerated() {
        let vector = SourceVector(encoded.row(row))
        known[question.key] = vector
        new.append(
          NewQuestion(
            passage: question.passage,
            vector: NewVector(key: question.key, values: vector.values, scale: vector.scale)))
      }
    }
    if !new.isEmpty { try store.keep(new, of: model) }
    try progress(1)
    return questions.map { Asked(key: $0.key, vector: known[$0.key]!, owner: $0.owner) }
  }
}

extension PseudoQueryEncoder.Vectors {
  fileprivate mutating func append(_ asked: [PseudoQueryEncoder.Asked]) {
    for question in asked {
      rows.append(question.vector)
      owners.append(question.owner)
    }
  }
}
