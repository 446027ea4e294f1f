import Glibc
import LinearAlgebra
import Testing

@testable import RateReduction

/// The hand-written gradients against central differences of the loss, in double precision.
@Suite struct TrainingGradientTests {
  private static let (input, dimensions, hidden) = (10, 6, 7)

  private func parameters(using random: inout SeededGenerator) -> ProjectorParameters<Double> {
    func matrix(_ rows: Int, _ columns: Int) -> DoubleMatrix {
      var result = DoubleMatrix(Matrix.gaussian(rows: rows, columns: columns, using: &random))
      for i in result.values.indices { result.values[i] *= 0.4 }
      return result
    }
    let (d, input, hidden) = (Self.dimensions, Self.input, Self.hidden)
    return ProjectorParameters(
      linear: matrix(d, input), bias: matrix(1, d), inner: matrix(hidden, input), innerBias: matrix(1, hidden),
      outer: matrix(d, hidden), outerBias: matrix(1, d))
  }

  @Test(arguments: [false, true])
  func `the gradient of every weight agrees with finite differences`(hasClasses: Bool) throws {
    let seed: UInt64 = 71
    print("seed \(seed)")
    var random = SeededGenerator(seed: seed)
    let (passages, queries, labelled) = (5, 9, hasClasses ? 8 : 0)
    let rows = passages + queries
    let loss = ProjectorLoss<Double>(
      rotation: DoubleMatrix(Matrix.orthogonal(Self.dimensions, using: &random)), temperature: 0.3,
      teacherTemperature: 0.2, passageWeight: 0.2, queryWeight: 0.8, answerShare: hasClasses ? 0.15 : 0,
      pairWeight: 1.7, pairDistortion: 0.4, classWeight: hasClasses ? 2.1 : 0, classDistortion: 0.7,
      contrastWeight: hasClasses ? 1.3 : 0, contrastTemperature: 0.4, isOneBit: false)
    let batch = ProjectorLoss<Double>.Batch(
      input: DoubleMatrix(Matrix.gaussian(rows: rows + labelled, columns: Self.input, using: &random)),
      passageCount: passages, queryCount: queries, owners: (0..<queries).map { $0 % passages },
      teacher: DoubleMatrix(Matrix.gaussian(rows: rows, columns: 8, using: &random)).normalisedRows(),
      classLabels: hasClasses ? [3, 3, 1, 1, 1, 2, 2, 2] : [])
    var parameters = parameters(using: &random)
    let gradient = try loss(batch, parameters).gradient
    let width = 1e-5
    for part in ProjectorParameters<Double>.parts {
      for i in parameters[keyPath: part].values.indices {
        let here = parameters[keyPath: part].values[i]
        parameters[keyPath: part].values[i] = here + width
        let above = try loss(batch, parameters).value
        parameters[keyPath: part].values[i] = here - width
        let below = try loss(batch, parameters).value
        parameters[keyPath: part].values[i] = here
        let expected = (above - below) / (2 * width)
        let got = gradient[keyPath: part].values[i]
        #expect(abs(got - expected) < 1e-7 * max(1, abs(expected)), "\(part) [\(i)]: \(got), expected \(expected)")
      }
    }
  }

  @Test func `the one-bit form goes back along the tangent of the quantised row`() {
    var random = SeededGenerator(seed: 5)
    let u = DoubleMatrix(Matrix.gaussian(rows: 4, columns: 9, using: &random)).normalisedRows()
    let q = OneBitRows.quantise(u)
    #expect(q.values.allSatisfy { abs(abs($0) - 1.0 / 3) < 1e-15 })
    #expect(zip(u.values, q.values).allSatisfy { ($0 < 0) == ($1 < 0) })
    let dq = DoubleMatrix(Matrix.gaussian(rows: 4, columns: 9, using: &random))
    let du = OneBitRows.straightThrough(dq, quantised: q)
    for r in 0..<4 {
      let along = zip(q.row(r), dq.row(r)).reduce(0) { $0 + $1.0 * $1.1 }
      for c in 0..<9 { #expect(abs(du[r, c] - (dq[r, c] - along * q[r, c]) / 0.798) < 1e-12) }
    }
  }

  @Test func `divergence is 0 for equal rankings and leaves out the diagonal where told`() {
    var random = SeededGenerator(seed: 6)
    let a = DoubleMatrix(Matrix.gaussian(rows: 5, columns: 5, using: &random))
    var b = a
    for i in 0..<5 { b[i, i] = 100 }
    let same = Distillation.divergence(
      teacher: a, student: b, temperature: 0.1, teacherTemperature: 0.1, weight: 1, leavingOutDiagonal: true)
    #expect(abs(same.value) < 1e-12)
    #expect(same.gradient.values.allSatisfy { abs($0) < 1e-12 })
    let other = Distillation.divergence(
      teacher: a, student: b, temperature: 1, teacherTemperature: 1, weight: 1, leavingOutDiagonal: false)
    #expect(other.value > 1)
    let alone = DoubleMatrix(rows: 1, columns: 1, repeating: 0.5)
    #expect(
      Distillation.divergence(
        teacher: alone, student: alone, temperature: 1, teacherTemperature: 1, weight: 1, leavingOutDiagonal: true
      )
      .value == 0)
  }

  @Test func `the fast functions agree with the plain ones`() {
    let inputs = stride(from: -14.0, through: 14, by: 0.0137).map { $0 }
    var (value, derivative) = ([Double](repeating: 0, count: inputs.count), [Double](repeating: 0, count: inputs.count))
    inputs.withUnsafeBufferPointer { x in
      value.withUnsafeMutableBufferPointer { v in
        derivative.withUnsafeMutableBufferPointer { Double.gelu(x, value: v, derivative: $0) }
      }
    }
    var (fast, slope) = ([Float](repeating: 0, count: inputs.count), [Float](repeating: 0, count: inputs.count))
    inputs.map(Float.init).withUnsafeBufferPointer { x in
      fast.withUnsafeMutableBufferPointer { v in
        slope.withUnsafeMutableBufferPointer { Float.gelu(x, value: v, derivative: $0) }
      }
    }
    for i in inputs.indices {
      #expect(abs(Double(fast[i]) - value[i]) < 2e-6)
      #expect(abs(Double(slope[i]) - derivative[i]) < 2e-6)
    }
    var logits = stride(from: Float(-100), through: 0, by: 0.037).map { $0 }
    var expected = logits.map { Double($0) }
    let sum = logits.withUnsafeMutableBufferPointer { Float.exponentials($0, shift: 0) }
    let exact = expected.withUnsafeMutableBufferPointer { Double.exponentials($0, shift: 0) }
    #expect(abs(Double(sum) / exact - 1) < 1e-6)
    for i in logits.indices { #expect(abs(Double(logits[i]) - expected[i]) <= max(1e-6 * expected[i], 2e-38)) }
    var odd: [Float] = [.nan, 0]
    #expect(odd.withUnsafeMutableBufferPointer { Float.exponentials($0, shift: 0) }.isNaN)
  }

  @Test func `with an answer of its own share 1 the divergence is the cross-entropy of the answers`() {
    var random = SeededGenerator(seed: 8)
    let teacher = DoubleMatrix(Matrix.gaussian(rows: 3, columns: 4, using: &random))
    let student = DoubleMatrix(Matrix.gaussian(rows: 3, columns: 4, using: &random))
    let got = Distillation.divergence(
      teacher: teacher, student: student, temperature: 0.5, teacherTemperature: 1, weight: 1, leavingOutDiagonal: false,
      answers: ([2, 0, 3], 1))
    let expected = [2, 0, 3].enumerated().map { row, answer in
      let odds = student.row(row).map { exp($0 / 0.5) }
      return -log(odds[answer] / odds.reduce(0, +))
    }
    #expect(abs(got.value - expected.reduce(0, +) / 3) < 1e-12)
  }
}
