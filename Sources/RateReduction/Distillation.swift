import LinearAlgebra

/// How far one set of similarities ranks from another: the mean over rows of
/// KL(softmax(teacher/τ_t) ‖ softmax(student/τ)).
enum Distillation {
  /// The divergence times `weight`, and its gradient with respect to the student's similarities.
  ///
  /// Row i of both matrices holds the similarities of sample i with every candidate. With `leavingOutDiagonal`,
  /// candidate i is sample i itself and is left out of both distributions.
  ///
  /// - Parameters:
  ///   - teacherTemperature: τ_t.
  ///   - answers: where given, the candidate that is known to be right for each row, and the share a that this has in what
  ///     is to be learnt: the divergence is then (1 − a) KL − a log softmax(student/τ) of that candidate.
  static func divergence<Scalar: ActivationScalar>(
    teacher: DenseMatrix<Scalar>, student: DenseMatrix<Scalar>, temperature: Scalar, teacherTemperature: Scalar,
    weight: Scalar, leavingOutDiagonal: Bool, answers: (candidates: [Int], share: Scalar)? = nil
  ) -> (value: Scalar, gradient: DenseMatrix<Scalar>) {
    let (rows, columns) = (student.rows, student.columns)
    precondition(teacher.rows == rows && teacher.columns == columns)
    guard rows > 0, columns > (leavingOutDiagonal ? 1 : 0) else {
      return (0, DenseMatrix(rows: rows, columns: columns))
    }
    var (target, result) = (teacher, student)
    // Far below every other logit, and finite.
    let nothing: Scalar = -1e4
    let scale = weight / Scalar(rows)
    var total: Scalar = 0
    target.values.withUnsafeMutableBufferPointer { target in
      result.values.withUnsafeMutableBufferPointer { result in
        for row in 0..<rows {
          let t = UnsafeMutableBufferPointer(rebasing: target[row * columns..<(row + 1) * columns])
          let s = UnsafeMutableBufferPointer(rebasing: result[row * columns..<(row + 1) * columns])
          for i in 0..<columns {
            t[i] /= teacherTemperature
            s[i] /= temperature
          }
          if leavingOutDiagonal { (t[row], s[row]) = (nothing, nothing) }
          let divergence = divergence(t, s)
          if let (candidates, share) = answers {
            let answer = candidates[row]
            total += (1 - share) * divergence - share * .naturalLogarithm(max(s[answer], .leastNormalMagnitude))
            for i in 0..<columns { t[i] *= 1 - share }
            t[answer] += share
          } else {
            total += divergence
          }
          for i in 0..<columns { s[i] = (s[i] - t[i]) * (scale / temperature) }
          if leavingOutDiagonal { s[row] = 0 }
        }
      }
    }
    return (total * scale, result)
  }

  /// KL of two rows of logits, which become their softmax.
  private static func divergence<Scalar: ActivationScalar>(
    _ t: UnsafeMutableBufferPointer<Scalar>, _ s: UnsafeMutableBufferPointer<Scalar>
  ) -> Scalar {
    var (largestT, largestS) = (t[0], s[0])
    for i in t.indices {
      largestT = max(largestT, t[i])
      largestS = max(largestS, s[i])
    }
    return withUnsafeTemporaryAllocation(of: Scalar.self, capacity: t.count) { differences in
      for i in t.indices { differences[i] = t[i] - s[i] }
      let sumT = Scalar.exponentials(t, shift: largestT)
      let sumS = Scalar.exponentials(s, shift: largestS)
      var expected: Scalar = 0
      for i in t.indices {
        t[i] /= sumT
        s[i] /= sumS
        expected += t[i] * differences[i]
      }
      return expected - (largestT + .naturalLogarithm(sumT)) + (largestS + .naturalLogarithm(sumS))
    }
  }
}
