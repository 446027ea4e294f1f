package import Evaluation
import LinearAlgebra

/// Which passages only measure and which may be learned from, with the questions made of each.
///
/// The questions are the documents' own titles, headings and sentences (``PseudoQueries``). What is held out is never
/// learned from, neither its text nor what was made of it; passages with one text stay on one side. The same seed and
/// passages give the same split.
package struct HeldOutSplit: Sendable {
  /// Rows that only measure, and those learned from; ascending.
  package let heldOut: [Int]
  package let training: [Int]
  /// Of held-out passages; owners are rows.
  package let questions: PseudoQueries
  /// What is right for each of `questions`: passages with the text that it was made of and, for a title, all that have it.
  package let judgements: [Judgements]
  /// Of passages learned from; owners are places in `training`.
  package let trainingQuestions: PseudoQueries

  /// With fewer different passages nothing is measured.
  package static let leastPassages = 200
  /// At most so many passages, and a fifth of them, are held out: three questions each.
  package static let mostHeldOut = 400
  /// The passages whose questions are learned from, at most: as many as the daemon takes.
  package static let mostQueried = 2_000

  /// - Parameters:
  ///   - name: for errors.
  ///   - passages: title or heading (may be empty) and text of each.
  /// - Throws: ``ProfileError/tooFewPassages(name:passages:different:)``, ``ProfileError/noQuestions(name:)``.
  package init(name: String, passages: [(title: String, text: String)], seed: UInt64) throws(ProfileError) {
    var rowsOfText: [[UInt8]: [Int]] = [:]
    var firsts: [Int] = []
    for (row, passage) in passages.enumerated() where !passage.text.isEmpty {
      let key = Array(passage.text.utf8)
      if rowsOfText[key] == nil { firsts.append(row) }
      rowsOfText[key, default: []].append(row)
    }
    guard firsts.count >= Self.leastPassages else {
      throw .tooFewPassages(name: name, passages: passages.count, different: firsts.count)
    }
    var generator = SeededGenerator(seed: seed)
    let order = generator.sample(firsts.count, below: firsts.count).map { firsts[$0] }
    let held = order.prefix(min(Self.mostHeldOut, firsts.count / 5)).sorted()
    let twins = { (row: Int) in rowsOfText[Array(passages[row].text.utf8)]! }
    heldOut = held.flatMap(twins).sorted()
    let isHeldOut = Set(heldOut)
    let training = passages.indices.filter { !isHeldOut.contains($0) }
    self.training = training

    var rowsOfTitle: [[UInt8]: [Int]] = [:]
    for (row, passage) in passages.enumerated() where !passage.title.isEmpty {
      rowsOfTitle[Array(passage.title.utf8), default: []].append(row)
    }
    questions = Self.questions(of: held, passages, seed: seed)
    judgements = zip(questions.texts, questions.owners).map { text, owner in
      let titled = rowsOfTitle[Array(text.utf8)] ?? []
      return Judgements(gains: Dictionary((twins(owner) + titled).map { ($0, 1.0) }) { a, _ in a })
    }
    guard !questions.texts.isEmpty else { throw .noQuestions(name: name) }

    let places = Dictionary(uniqueKeysWithValues: training.enumerated().map { ($1, $0) })
    let queried = order.dropFirst(held.count).prefix(Self.mostQueried).sorted()
    var learned = Self.questions(of: queried, passages, seed: seed &+ 1)
    learned.owners = learned.owners.map { places[$0]! }
    trainingQuestions = learned
  }

  /// The questions made of some rows; owners are rows.
  private static func questions(
    of rows: [Int], _ passages: [(title: String, text: String)], seed: UInt64
  ) -> PseudoQueries {
    var questions = PseudoQueries(of: rows.map { passages[$0] }, seed: seed)
    questions.owners = questions.owners.map { rows[$0] }
    return questions
  }
}
