import LinearAlgebra

/// The loss of supervised contrastive learning (Khosla et al. 2020, arXiv 2004.11362, eq. 2), for unit rows with labels:
///
///     L = mean over i of −1 / |P(i)| · Σ_{p ∈ P(i)} log( exp(zᵢ·z_p / τ) / Σ_{a ≠ i} exp(zᵢ·z_a / τ) )
///
/// P(i) being the other rows of i's label. Rows that are alone with theirs have no term of their own; others are held
/// away from them all the same.
enum SupervisedContrast {
  /// The loss times `weight`, and its gradient with respect to the rows.
  static func loss<Scalar: ActivationScalar>(
    of z: DenseMatrix<Scalar>, labels: [Int], temperature: Scalar, weight: Scalar
  ) -> (value: Scalar, gradient: DenseMatrix<Scalar>) {
    precondition(labels.count == z.rows, "\(labels.count) labels for \(z.rows) rows")
    let counts = Dictionary(labels.map { ($0, 1) }, uniquingKeysWith: +)
    let accompanied = labels.count { counts[$0]! > 1 }
    guard accompanied > 0 else { return (0, DenseMatrix(rows: z.rows, columns: z.columns)) }
    let scale = weight / Scalar(accompanied)
    var similarities = z.rowGram()
    let n = z.rows
    var total: Scalar = 0
    similarities.values.withUnsafeMutableBufferPointer { all in
      for row in 0..<n {
        let s = UnsafeMutableBufferPointer(rebasing: all[row * n..<(row + 1) * n])
        let others = Scalar(counts[labels[row]]! - 1)
        guard others > 0 else {
          for i in s.indices { s[i] = 0 }
          continue
        }
        var largest = -Scalar.infinity
        var along: Scalar = 0
        for i in s.indices {
          s[i] /= temperature
          if i == row { continue }
          largest = max(largest, s[i])
          if labels[i] == labels[row] { along += s[i] }
        }
        // Far below every other logit, and finite.
        s[row] = largest - 1e4
        let sum = Scalar.exponentials(s, shift: largest)
        total += largest + .naturalLogarithm(sum) - along / others
        for i in s.indices {
          let share: Scalar = i != row && labels[i] == labels[row] ? 1 / others : 0
          s[i] = (s[i] / sum - share) * (scale / temperature)
        }
        s[row] = 0
      }
    }
    // The similarity of i and j is met in row i and in row j.
    var gradient = similarities.times(z)
    gradient.add(similarities, z, transposeA: true)
    return (total * scale, gradient)
  }
}
