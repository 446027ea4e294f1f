package import Evaluation
package import LinearAlgebra
import RateReduction

/// Encoded passages with the questions that measure what becomes of them.
package struct ProfileCorpus: Sendable {
  /// Some questions with one answer sheet.
  package struct Queries: Sendable {
    package let kind: QueryKind
    /// Source vectors, q × D.
    package let vectors: Matrix
    /// What is right for each.
    package let judgements: [Judgements]
    /// What was drawn together: questions of one passage have one number. The bootstrap draws these.
    package let units: [Int]

    package init(kind: QueryKind, vectors: Matrix, judgements: [Judgements], units: [Int]) {
      precondition(vectors.rows == judgements.count && units.count == judgements.count)
      self.kind = kind
      self.vectors = vectors
      self.judgements = judgements
      self.units = units
    }
  }

  package let name: String
  /// Source vectors, n × D.
  package let vectors: Matrix
  /// The rows that may be learned from.
  package let training: [Int]
  /// Source vectors of the questions that may be learned from, and for each a place in `training`.
  package let trainingQuestions: Matrix
  package let trainingOwners: [Int]
  package let queries: [Queries]
  /// Passages that there are, or will be, of which these are a choice.
  package let total: Int
  /// What a passage is kept with, as its folder; empty where nothing is known of it.
  package let groups: [String]
  /// What the database takes for a passage, without its codes, in bytes.
  package let databaseBytes: Double

  /// - Throws: ``ProfileError/notFinite(name:row:)``.
  package init(
    name: String, vectors: Matrix, split: HeldOutSplit, questions: Matrix, trainingQuestions: Matrix,
    judged: Queries? = nil, total: Int? = nil, groups: [String] = [], databaseBytes: Double
  ) throws(ProfileError) {
    if let (row, _) = vectors.firstNonFinite { throw .notFinite(name: name, row: row) }
    self.name = name
    self.vectors = vectors
    training = split.training
    self.trainingQuestions = trainingQuestions
    trainingOwners = split.trainingQuestions.owners
    let heldOut = Queries(
      kind: .heldOut, vectors: questions, judgements: split.judgements, units: split.questions.owners)
    queries = [heldOut] + (judged.map { [$0] } ?? [])
    self.total = max(total ?? 0, vectors.rows)
    self.groups = groups
    self.databaseBytes = databaseBytes
  }

  /// How many candidates a code of so many bytes has here: those that it has among all passages, in proportion to the
  /// choice that is measured. So a code must find its neighbours among as few of the whole as it will have to.
  package func candidates(forBytes bytes: Int) -> Int {
    let share = Double(vectors.rows) / Double(total)
    return max(10, Int((Double(StagedProjector.candidates(forBytes: bytes)) * share).rounded(.up)))
  }
}
