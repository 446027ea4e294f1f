import Glibc
package import LinearAlgebra

/// Fits a static student to its teacher: a vector for each token of the vocabulary, so that the sum over a text's tokens
/// points where the teacher's vector of the text does, and ranks passages as the teacher does.
///
/// It starts with each token's vector alone, along the passages' principal axes and weighted by a/(a + p) (Arora et al.
/// 2017, "A simple but tough-to-beat baseline"), and is then fitted by ``StudentLoss`` with Adam, of which a step moves
/// the tokens of its batch alone, a random part of each text's tokens left out, anew each time. Tokens that no text has
/// stay where they started.
///
/// Float32 on the caller's thread. The same seed gives the same vectors on the same kind of processor.
package struct StudentTrainer: Sendable {
  package var options: StudentOptions

  package init(options: StudentOptions = StudentOptions()) { self.options = options }

  /// A text collection as the student and as the teacher sees it.
  package struct Texts: Sendable {
    package let bags: TokenBags
    /// A unit row for each text.
    package let teacher: Matrix

    package init(bags: TokenBags, teacher: Matrix) {
      self.bags = bags
      self.teacher = teacher
    }
  }

  /// - Parameters:
  ///   - tokens: the teacher's vector of each token of the vocabulary alone, V × D.
  ///   - passages: the corpus.
  ///   - pseudoQueries: what is made of it to be asked, any number for a passage, also none.
  ///   - owners: for each pseudo-query, the index of its passage.
  ///   - progress: told after each step what share of the work is done; false ends the fitting.
  /// - Returns: V × `dimensions` token vectors.
  /// - Throws: ``RateReductionError``, ``RateReductionError/cancelled(step:)`` among them.
  package func train(
    tokens: Matrix, passages: Texts, pseudoQueries: Texts, owners: [Int],
    progress: @Sendable (Double) -> Bool = { _ in true }
  ) throws -> Matrix {
    let axes = try axes(of: passages.teacher)
    var table = try start(tokens: tokens, passages: passages, axes: axes)
    try check(pseudoQueries, owners, passages: passages.bags.count, vocabulary: tokens.rows, width: tokens.columns)
    var owned = [[Int]](repeating: [], count: passages.bags.count)
    for (query, owner) in owners.enumerated() { owned[owner].append(query) }
    var generator = SeededGenerator(seed: options.seed &+ 0x9E37_79B9_7F4A_7C15)
    let loss = StudentLoss<Float>(
      temperature: options.temperature, rateWeight: options.rateWeight, distortion: options.distortion)
    var optimiser = SparseAdam(rows: tokens.rows, columns: table.columns)
    for step in 0..<options.steps {
      let chosen = generator.sample(options.batch, below: passages.bags.count)
      var (asked, places): ([Int], [Int]) = ([], [])
      for (place, passage) in chosen.enumerated() where !owned[passage].isEmpty {
        asked.append(owned[passage][generator.index(below: owned[passage].count)])
        places.append(place)
      }
      let batch = TokenBatch(
        chosen.map { (passages.bags, $0) } + asked.map { (pseudoQueries.bags, $0) }, vocabulary: tokens.rows,
        dropping: options.dropout, using: &generator)
      let seen = passages.teacher.rows(at: chosen).values + pseudoQueries.teacher.rows(at: asked).values
      let teacher = Matrix(rows: chosen.count + asked.count, columns: tokens.columns, values: seen)
        .timesTransposed(axes).normalisedRows()
      let (value, gradient) = try loss(sums: batch.sums(of: table), teacher: teacher, owners: places)
      guard value.isFinite else { throw RateReductionError.nonFiniteLoss(step: step) }
      let share = Double(step) / Double(options.steps)
      optimiser.step(
        &table, rows: batch.tokens, gradient: batch.gradient(ofSums: gradient),
        rate: options.learningRate * Float((1 + cos(.pi * share)) / 2))
      guard progress(Double(step + 1) / Double(options.steps)) else {
        throw RateReductionError.cancelled(step: step)
      }
    }
    guard table.firstNonFinite == nil else { throw RateReductionError.nonFiniteLoss(step: options.steps) }
    return table
  }

  /// The token vectors that the fitting starts with: a student that was never fitted.
  package func start(tokens: Matrix, passages: Texts) throws -> Matrix {
    try start(tokens: tokens, passages: passages, axes: axes(of: passages.teacher))
  }

  /// `dimensions` × D: the first principal axes of the passages. All D of them keep every angle.
  private func axes(of passages: Matrix) throws -> Matrix {
    try options.check()
    guard options.dimensions <= passages.columns else {
      throw RateReductionError.invalid(
        what: "the student's dimensions", got: "\(options.dimensions)",
        expected: "at most the teacher's \(passages.columns)")
    }
    return Matrix(try PrincipalAxes(of: passages).axes.rows(0..<options.dimensions))
  }

  private func start(tokens: Matrix, passages: Texts, axes: Matrix) throws -> Matrix {
    useOneThread()
    try check(passages, vocabulary: tokens.rows, width: tokens.columns)
    try tokens.checkFinite("the tokens' vectors")
    var counts = [Double](repeating: 0, count: tokens.rows)
    for (token, share) in zip(passages.bags.tokens, passages.bags.shares) { counts[Int(token)] += Double(share) }
    let total = max(1, counts.reduce(0, +))
    var table = tokens.timesTransposed(axes)
    for row in 0..<table.rows {
      let weight = Float(options.frequencyWeight / (options.frequencyWeight + counts[row] / total))
      for i in row * table.columns..<(row + 1) * table.columns { table.values[i] *= weight }
    }
    return table
  }

  private func check(_ texts: Texts, vocabulary: Int, width: Int) throws {
    guard texts.bags.count == texts.teacher.rows, texts.teacher.columns == width else {
      throw RateReductionError.invalid(
        what: "the teacher's vectors", got: "\(texts.teacher.rows) × \(texts.teacher.columns)",
        expected: "\(texts.bags.count) × \(width)")
    }
    if let stray = texts.bags.tokens.first(where: { !(0..<vocabulary ~= Int($0)) }) {
      throw RateReductionError.invalid(what: "a token", got: "\(stray)", expected: "one below \(vocabulary)")
    }
    try texts.teacher.checkFinite("the teacher's vectors")
  }

  private func check(
    _ queries: Texts, _ owners: [Int], passages: Int, vocabulary: Int, width: Int
  ) throws {
    try check(queries, vocabulary: vocabulary, width: width)
    guard owners.count == queries.bags.count else {
      throw RateReductionError.invalid(
        what: "the owners of pseudo-queries", got: "\(owners.count)", expected: "\(queries.bags.count), one for each")
    }
    if let stray = owners.first(where: { !(0..<passages ~= $0) }) {
      throw RateReductionError.invalid(what: "an owner", got: "\(stray)", expected: "a passage in 0..<\(passages)")
    }
  }
}
