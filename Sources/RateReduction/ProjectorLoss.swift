import LinearAlgebra

/// What training minimises: distillation through one-bit codes, less the rate reduction.
///
///     w_p KL(T_pp ‖ S_pp) + w_q ((1 − a) KL(T_qp ‖ S_qp) − a log S_qo) − β ΔR_pairs / d − w ΔR_classes / d + γ C
///
/// With u = z · rotation, q = one-bit u of the batch's passages: S_pp = u_p qᵀ without its diagonal, S_qp = u_q qᵀ, and T
/// the same products of the teacher's rows; S_qo is what a pseudo-query gives its own passage. ΔR = R − R_c and C, the
/// supervised contrast, are of the unquantised z: of pairs, where a passage and its pseudo-queries are a class, on the same
/// rows; of classes, and C, on rows of their own.
struct ProjectorLoss<Scalar: ActivationScalar> {
  /// d × d, of the codes.
  let rotation: DenseMatrix<Scalar>
  /// τ of the student.
  let temperature: Scalar
  let teacherTemperature: Scalar
  /// w_p.
  let passageWeight: Scalar
  /// w_q.
  let queryWeight: Scalar
  /// How much of what a pseudo-query is to find is its own passage, instead of what the teacher finds.
  let answerShare: Scalar
  /// β, and its ε².
  let pairWeight: Scalar
  let pairDistortion: Scalar
  /// w, and its ε².
  var classWeight: Scalar = 0
  var classDistortion: Scalar = 1
  /// γ.
  var contrastWeight: Scalar = 0
  /// τ of the contrast.
  var contrastTemperature: Scalar = 0.1
  /// False trains on unquantised rows: then the loss is smooth, and its gradient exact.
  var isOneBit = true

  struct Batch {
    /// Source vectors: `passageCount` passages, then `queryCount` pseudo-queries, then the rows of `classLabels`.
    let input: DenseMatrix<Scalar>
    let passageCount: Int
    let queryCount: Int
    /// The passage of each pseudo-query, as a row of the batch.
    let owners: [Int]
    /// The teacher's unit rows of the passages and pseudo-queries.
    let teacher: DenseMatrix<Scalar>
    /// The class of each row after the pseudo-queries.
    var classLabels: [Int] = []

    /// Passages and pseudo-queries: the rows of the distillation and of pairs.
    var distilled: Range<Int> { 0..<passageCount + queryCount }
  }

  /// The loss and its gradient. A loss that is not finite has a gradient of no meaning.
  func callAsFunction(
    _ batch: Batch, _ parameters: ProjectorParameters<Scalar>
  ) throws -> (value: Scalar, gradient: ProjectorParameters<Scalar>) {
    let pass = ProjectorPass(batch.input, through: parameters)
    guard pass.output.firstNonFinite == nil else { return (.nan, parameters) }
    var (value, gradient) = distillation(batch, pass.output)
    func reduce(_ rows: Range<Int>, _ labels: [Int], weight: Scalar, distortion: Scalar) throws {
      guard weight != 0, !rows.isEmpty else { return }
      let reduction = try CodingRate.reduction(of: pass.output.rows(rows), labels: labels, distortion: distortion)
      let factor = -weight / Scalar(pass.output.columns)
      value += factor * reduction.value
      gradient.add(reduction.gradient, times: factor, fromRow: rows.lowerBound)
    }
    let classRows = batch.distilled.upperBound..<pass.output.rows
    try reduce(
      batch.distilled, Array(0..<batch.passageCount) + batch.owners, weight: pairWeight, distortion: pairDistortion)
    try reduce(classRows, batch.classLabels, weight: classWeight, distortion: classDistortion)
    if contrastWeight != 0, !classRows.isEmpty {
      let contrast = SupervisedContrast.loss(
        of: pass.output.rows(classRows), labels: batch.classLabels, temperature: contrastTemperature,
        weight: contrastWeight)
      value += contrast.value
      gradient.add(contrast.gradient, times: 1, fromRow: classRows.lowerBound)
    }
    return (value, pass.gradient(of: gradient, parameters))
  }

  /// The distillation terms, and their gradient with respect to all rows of z.
  private func distillation(
    _ batch: Batch, _ z: DenseMatrix<Scalar>
  ) -> (value: Scalar, gradient: DenseMatrix<Scalar>) {
    let (passages, queries) = (0..<batch.passageCount, batch.passageCount..<batch.passageCount + batch.queryCount)
    let u = z.rows(0..<queries.upperBound).times(rotation)
    let (uPassages, uQueries) = (u.rows(passages), u.rows(queries))
    let (tPassages, tQueries) = (batch.teacher.rows(passages), batch.teacher.rows(queries))
    let q = isOneBit ? OneBitRows.quantise(uPassages) : uPassages
    let pp = Distillation.divergence(
      teacher: tPassages.rowGram(), student: uPassages.timesTransposed(q), temperature: temperature,
      teacherTemperature: teacherTemperature, weight: passageWeight, leavingOutDiagonal: true)
    let qp = Distillation.divergence(
      teacher: tQueries.timesTransposed(tPassages), student: uQueries.timesTransposed(q), temperature: temperature,
      teacherTemperature: teacherTemperature, weight: queryWeight, leavingOutDiagonal: false,
      answers: answerShare > 0 ? (batch.owners, answerShare) : nil)
    var dq = pp.gradient.transposedTimes(uPassages)
    dq.add(qp.gradient, uQueries, transposeA: true)
    var du = pp.gradient.times(q)
    du.add(isOneBit ? OneBitRows.straightThrough(dq, quantised: q) : dq)
    let all = DenseMatrix(
      rows: u.rows, columns: u.columns, values: du.values + qp.gradient.times(q).values)
    var gradient = all.timesTransposed(rotation)
    if gradient.rows < z.rows {
      let rest = [Scalar](repeating: 0, count: (z.rows - gradient.rows) * z.columns)
      gradient = DenseMatrix(rows: z.rows, columns: z.columns, values: gradient.values + rest)
    }
    return (pp.value + qp.value, gradient)
  }
}

extension DenseMatrix {
  /// Adds another matrix of the same shape.
  mutating func add(_ other: DenseMatrix) {
    precondition(rows == other.rows && columns == other.columns)
    add(other, times: 1, fromRow: 0)
  }

  /// Adds a multiple of another matrix to as many rows, from a row on.
  mutating func add(_ other: DenseMatrix, times factor: Scalar, fromRow row: Int) {
    precondition(columns == other.columns && row + other.rows <= rows)
    let first = row * columns
    values.withUnsafeMutableBufferPointer { values in
      other.values.withUnsafeBufferPointer { other in
        for i in other.indices { values[first + i] += factor * other[i] }
      }
    }
  }
}
