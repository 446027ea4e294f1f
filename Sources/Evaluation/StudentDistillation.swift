package import LinearAlgebra
package import RateReduction
package import SentenceEncoder

/// Distils a static student out of a model, on a corpus: by its passages and the pseudo-queries made of them, nothing
/// else.
///
/// A few passages and all that is asked of them are held out, to say what the student costs.
package struct StudentDistillation: Sendable {
  package typealias Passage = (title: String, text: String)

  /// Encodes texts as the teacher does; a command has a cache and a progress bar in it.
  package typealias Encoding = (_ texts: [String], _ role: TextRole, _ label: String) throws -> Matrix

  package var options: StudentOptions

  /// Passages held out: a twentieth, at most so many.
  package static let mostHeldOut = 200
  /// Fewer passages than this are no corpus.
  package static let fewestPassages = 20

  package init(options: StudentOptions) { self.options = options }

  /// What came of it.
  package struct Student: Sendable {
    /// A row for each piece of the teacher's vocabulary, as `EncoderModel.writeStatic` takes it.
    package let tokenVectors: Matrix
    package let cost: StudentCost
    /// What it would have cost without the fitting.
    package let unfitted: StudentCost
  }

  /// - Parameters:
  ///   - teacher: a transformer.
  ///   - passages: the corpus.
  ///   - encode: as the teacher does.
  ///   - progress: told after each step of the fitting what share of it is done; false ends it.
  package func distil(
    teacher: EncoderModel, passages: [Passage], encode: Encoding,
    progress: @escaping @Sendable (Double) -> Bool = { _ in true }
  ) throws -> Student {
    guard !teacher.isStatic else {
      throw RateReductionError.invalid(
        what: "the teacher", got: "\(teacher.name), a static model", expected: "a transformer")
    }
    guard passages.count >= Self.fewestPassages else {
      throw RateReductionError.invalid(
        what: "the corpus", got: "\(passages.count) passages", expected: "\(Self.fewestPassages) or more")
    }
    let asked = PseudoQueries(of: passages, seed: options.seed)
    let texts = Self.texts(of: passages)
    let passageVectors = try encode(texts, .passage, "encoding passages")
    let queryVectors = try encode(asked.texts, .query, "encoding pseudo-queries")
    let tokens = try TokenVectors.alone(in: teacher)

    var generator = SeededGenerator(seed: options.seed)
    let heldCount = min(Self.mostHeldOut, passages.count / 20)
    let held = Set(generator.sample(heldCount, below: passages.count))
    let kept = passages.indices.filter { !held.contains($0) }
    let place = Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($1, $0) })
    let keptQueries = asked.owners.indices.filter { !held.contains(asked.owners[$0]) }

    let ends = Set(teacher.tokenIDs(of: "", as: .plain))
    func bags(_ texts: [String]) -> TokenBags {
      TokenBags(texts.map { teacher.tokenIDs(of: $0, as: .plain) }, leavingOut: ends)
    }
    let fitted = StudentTrainer.Texts(
      bags: bags(kept.map { texts[$0] }), teacher: passageVectors.rows(at: kept))
    let trainer = StudentTrainer(options: options)
    let table = try trainer.train(
      tokens: tokens, passages: fitted,
      pseudoQueries: StudentTrainer.Texts(
        bags: bags(keptQueries.map { asked.texts[$0] }), teacher: queryVectors.rows(at: keptQueries)),
      owners: keptQueries.map { place[asked.owners[$0]]! }, progress: progress)

    let all = bags(texts)
    let heldQueries = asked.owners.indices.filter { held.contains(asked.owners[$0]) }
    let heldBags = bags(heldQueries.map { asked.texts[$0] })
    let axes = Matrix(try PrincipalAxes(of: fitted.teacher).axes.rows(0..<options.dimensions))
    func cost(_ table: Matrix) -> StudentCost {
      StudentCost(
        studentPassages: all.sums(of: table).normalisedRows(), teacherPassages: passageVectors,
        studentQueries: heldBags.sums(of: table).normalisedRows(), teacherQueries: queryVectors.rows(at: heldQueries),
        owners: heldQueries.map { asked.owners[$0] }, heldPassages: held.sorted(), axes: axes)
    }
    return Student(
      tokenVectors: finished(table, fitted.bags, ends: teacher.tokenIDs(of: "", as: .plain)), cost: cost(table),
      unfitted: cost(try trainer.start(tokens: tokens, passages: fitted)))
  }

  /// The table with the opening and the closing token's rows, which say nothing of a text: 0, but for a thousandth of the
  /// corpus's mean in the opening one, so that a text without any known token has a direction.
  private func finished(_ table: Matrix, _ passages: TokenBags, ends: [Int32]) -> Matrix {
    var table = table
    let d = table.columns
    for id in ends { for i in Int(id) * d..<(Int(id) + 1) * d { table.values[i] = 0 } }
    let sums = passages.sums(of: table).columnSums()
    if let opening = ends.first {
      for i in 0..<d { table.values[Int(opening) * d + i] = sums[i] / Float(passages.count) / 1000 }
    }
    return table
  }
}
