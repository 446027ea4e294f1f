import LinearAlgebra

/// What a static student is fitted by: on a batch of passages with a pseudo-query each,
///
///     L = 2 − mean cos(p, teacher's p) − mean cos(q, teacher's q) + KL(T_pp ‖ S_pp) + KL(T_qp ‖ S_qp) − β (R − R_c)/d
///
/// S_pp and S_qp being the softmax over the batch's passages of the student's similarities, T the teacher's (a passage
/// itself left out for passages), and R − R_c the rate reduction with a passage and its pseudo-query as a class.
struct StudentLoss<Scalar: ActivationScalar> {
  let temperature: Scalar
  /// β.
  let rateWeight: Scalar
  /// ε².
  let distortion: Scalar

  /// The loss and its gradient with respect to the student's rows before they are scaled to length 1.
  ///
  /// - Parameters:
  ///   - sums: (passages + queries) × d, the passages first. A row of zeros has no direction, and its gradient is 0.
  ///   - teacher: unit rows, as many.
  ///   - owners: for each query, the place of its passage among the passages.
  func callAsFunction(
    sums: DenseMatrix<Scalar>, teacher: DenseMatrix<Scalar>, owners: [Int]
  ) throws -> (value: Scalar, gradient: DenseMatrix<Scalar>) {
    let (rows, d) = (sums.rows, sums.columns)
    let passages = rows - owners.count
    var z = sums
    let norms = z.normaliseRows()
    let (zp, zq) = (z.rows(0..<passages), z.rows(passages..<rows))
    let (tp, tq) = (teacher.rows(0..<passages), teacher.rows(passages..<rows))

    // The cosines.
    var value: Scalar = owners.isEmpty ? 1 : 2
    var gradient = DenseMatrix<Scalar>(rows: rows, columns: d)
    let dimensions = teacher.columns
    precondition(dimensions == d && teacher.rows == rows)
    for row in 0..<rows {
      let share = -1 / Scalar(row < passages ? passages : owners.count)
      for i in row * d..<(row + 1) * d {
        value += share * z.values[i] * teacher.values[i]
        gradient.values[i] = share * teacher.values[i]
      }
    }

    // The rankings.
    let own = Distillation.divergence(
      teacher: tp.timesTransposed(tp), student: zp.timesTransposed(zp), temperature: temperature,
      teacherTemperature: temperature, weight: 1,
      leavingOutDiagonal: true)
    value += own.value
    var passageGradient = own.gradient.times(zp)
    passageGradient.add(own.gradient, zp, transposeA: true)
    if !owners.isEmpty {
      let asked = Distillation.divergence(
        teacher: tq.timesTransposed(tp), student: zq.timesTransposed(zp), temperature: temperature,
        teacherTemperature: temperature, weight: 1,
        leavingOutDiagonal: false)
      value += asked.value
      passageGradient.add(asked.gradient, zq, transposeA: true)
      let queryGradient = asked.gradient.times(zp)
      for i in queryGradient.values.indices { gradient.values[passages * d + i] += queryGradient.values[i] }
    }
    for i in passageGradient.values.indices { gradient.values[i] += passageGradient.values[i] }

    if rateWeight > 0, !owners.isEmpty {
      let reduction = try CodingRate.reduction(of: z, labels: Array(0..<passages) + owners, distortion: distortion)
      let factor = rateWeight / Scalar(d)
      value -= factor * reduction.value
      for i in gradient.values.indices { gradient.values[i] -= factor * reduction.gradient.values[i] }
    }

    // Through the scaling to length 1.
    gradient.values.withUnsafeMutableBufferPointer { g in
      z.values.withUnsafeBufferPointer { z in
        for row in 0..<rows {
          let places = row * d..<(row + 1) * d
          guard norms[row] > 0 else {
            for i in places { g[i] = 0 }
            continue
          }
          var along: Scalar = 0
          for i in places { along += g[i] * z[i] }
          for i in places { g[i] = (g[i] - z[i] * along) / norms[row] }
        }
      }
    }
    return (value, gradient)
  }
}
