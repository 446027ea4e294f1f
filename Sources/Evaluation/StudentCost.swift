import LinearAlgebra

/// What a student costs in quality, on passages that it was not fitted to and what is asked of them.
package struct StudentCost: Sendable, Equatable {
  /// Passages that were held out, and pseudo-queries of them.
  package let passages: Int
  package let queries: Int
  /// The mean cosine of a held-out passage's vector with the teacher's, along the axes that the student has. Nil where
  /// none was held out.
  package let cosine: Double?
  /// nDCG@10 of the held-out pseudo-queries, the passage that each was made of being the one that is right, among all
  /// passages.
  package let studentNDCG: Double?
  package let teacherNDCG: Double?

  /// The student's nDCG@10 divided by the teacher's.
  package var kept: Double? { studentNDCG.flatMap { student in teacherNDCG.map { student / $0 } } }

  /// - Parameters:
  ///   - studentPassages: unit rows of all passages, those of `heldPassages` among them; likewise the teacher's.
  ///   - studentQueries: unit rows of the held-out pseudo-queries.
  ///   - owners: of each of them, the passage's row.
  ///   - axes: student's dimensions × the teacher's: what the student was fitted to.
  init(
    studentPassages: Matrix, teacherPassages: Matrix, studentQueries: Matrix, teacherQueries: Matrix, owners: [Int],
    heldPassages: [Int], axes: Matrix
  ) {
    passages = heldPassages.count
    queries = owners.count
    let teacher = teacherPassages.rows(at: heldPassages).timesTransposed(axes).normalisedRows()
    let student = studentPassages.rows(at: heldPassages)
    cosine =
      heldPassages.isEmpty
      ? nil
      : zip(student.values, teacher.values).reduce(0) { $0 + Double($1.0) * Double($1.1) } / Double(heldPassages.count)
    func ndcg(_ queries: Matrix, _ passages: Matrix) -> Double? {
      guard !owners.isEmpty else { return nil }
      var sum = 0.0
      for (query, owner) in owners.enumerated() {
        let scores = Matrix(rows: 1, columns: queries.columns, values: queries.row(query)).timesTransposed(passages)
        sum +=
          RankingMetrics(
            ranking: Ranking.best(10, of: scores.values), judgements: Judgements(gains: [owner: 1])
          ).ndcgAt10
      }
      return sum / Double(owners.count)
    }
    studentNDCG = ndcg(studentQueries, studentPassages)
    teacherNDCG = ndcg(teacherQueries, teacherPassages)
  }
}
