import Glibc
import LinearAlgebra
import RateReduction
import Testing

@Suite struct CodingRateTests {
  @Test(arguments: GoldenCase.all)
  func `values and gradients equal the golden ones in double precision`(golden: GoldenCase) throws {
    let tolerance = golden.name == "eps-small" ? 1e-8 : 1e-9
    try expectGolden(golden, in: Double.self, tolerance: tolerance, atZero: 1e-12)
  }

  @Test(arguments: GoldenCase.all)
  func `the float form is within 1e-4`(golden: GoldenCase) throws {
    try expectGolden(golden, in: Float.self, tolerance: 1e-4, atZero: 1e-5)
  }

  @Test func `there are golden cases with and without memberships`() {
    #expect(GoldenCase.all.count == 23)
    #expect(GoldenCase.all.count { $0.p != nil } == 3)
  }

  /// Each gradient is compared as a whole: the largest difference against the largest component.
  private func expectGolden<Scalar: BLASScalar>(
    _ golden: GoldenCase, in type: Scalar.Type, tolerance: Double, atZero: Double
  ) throws {
    func close(_ got: Scalar, _ expected: Double, scale: Double? = nil) -> Bool {
      abs(Double(got) - expected) <= max(tolerance * (scale ?? abs(expected)), atZero)
    }
    func close(_ got: DenseMatrix<Scalar>, _ expected: [[Double]]) -> Bool {
      let flat = Array(expected.joined())
      let scale = flat.reduce(0) { max($0, abs($1)) }
      return got.values.count == flat.count && zip(got.values, flat).allSatisfy { close($0, $1, scale: scale) }
    }
    let z = DenseMatrix<Scalar>(
      rows: golden.z.count, columns: golden.d, values: golden.samples.values.map { Scalar($0) })
    let distortion = Scalar(golden.eps2)
    let all = try CodingRate.rateAndGradient(of: z, distortion: distortion)
    let classes = try CodingRate.classRate(of: z, labels: golden.labels, distortion: distortion)
    let reduction = try CodingRate.reduction(of: z, labels: golden.labels, distortion: distortion)
    #expect(close(all.value, golden.rate))
    #expect(try CodingRate.rate(of: z, distortion: distortion) == all.value)
    #expect(close(classes.value, golden.classRate))
    // A difference cannot be nearer than the digits of what is subtracted.
    #expect(close(reduction.value, golden.delta, scale: type == Float.self ? golden.rate : nil))
    #expect(close(all.gradient, golden.gradRate))
    #expect(close(classes.gradient, golden.gradClassRate))
    if type == Double.self { #expect(close(reduction.gradient, golden.gradDelta)) }
    if let memberships = golden.memberships {
      let p = DenseMatrix<Scalar>(
        rows: memberships.rows, columns: memberships.columns, values: memberships.values.map { Scalar($0) })
      let soft = try CodingRate.classRate(of: z, memberships: p, distortion: distortion)
      #expect(close(soft.value, golden.softClassRate!))
      #expect(close(soft.gradient, golden.gradSoftClassRate!))
      let softReduction = try CodingRate.reduction(of: z, memberships: p, distortion: distortion)
      #expect(close(softReduction.value, golden.softDelta!, scale: type == Float.self ? golden.rate : nil))
    }
  }

  /// R_c class by class, as it is defined, in double precision.
  private func reference(
    _ z: Matrix, _ labels: [Int], _ distortion: Float
  ) throws -> (value: Double, gradient: DoubleMatrix) {
    let z = DoubleMatrix(z)
    var value = 0.0
    var gradient = DoubleMatrix(rows: z.rows, columns: z.columns)
    for label in Set(labels) {
      let rows = labels.indices.filter { labels[$0] == label }
      let share = Double(rows.count) / Double(labels.count)
      let term = try CodingRate.rateAndGradient(of: z.rows(at: rows), distortion: Double(distortion))
      value += share * term.value
      for (i, row) in rows.enumerated() {
        for c in 0..<z.columns { gradient[row, c] = share * term.gradient[i, c] }
      }
    }
    return (value, gradient)
  }

  @Test(arguments: [UInt64](1...12))
  func `classes of few rows and of many agree with the definition, one by one`(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let columns = [1, 3, 16, 33][Int(seed) % 4]
    let rows = 40 + random.index(below: 60)
    let classes = 2 + random.index(below: 40)
    let distortion = Float([0.2, 10, 1e-3, 1e4][Int(seed / 4) % 4])
    var z = Matrix.gaussian(rows: rows, columns: columns, using: &random).normalisedRows()
    // Pairs that are the same, nearly the same, and nothing at all.
    for c in 0..<columns {
      z[1, c] = z[0, c]
      z[3, c] = z[2, c] + 1e-3 * z[4, c]
      z[5, c] = 0
    }
    let labels = [7, 7, -3, -3, 9, 9] + (6..<rows).map { _ in 100 + random.index(below: classes) }
    let expected = try reference(z, labels, distortion)
    let got = try CodingRate.classRate(of: z, labels: labels, distortion: distortion)
    #expect(abs(Double(got.value) - expected.value) <= 1e-5 * abs(expected.value) + 1e-6)
    let scale = expected.gradient.values.reduce(0) { max($0, abs($1)) }
    let error = zip(got.gradient.values, expected.gradient.values).reduce(0) { max($0, abs(Double($1.0) - $1.1)) }
    #expect(error <= 2e-5 * scale + 1e-9, "seed \(seed): \(error) of \(scale)")
    #expect(try CodingRate.classRate(of: z, labels: labels, distortion: distortion) == got)
  }

  @Test func `equal rows of a class lose no digits to a small distortion in float`() throws {
    var random = SeededGenerator(seed: 5)
    let one = Matrix.gaussian(rows: 1, columns: 24, using: &random).normalisedRows()
    let z = one.rows(at: [0, 0, 0, 0])
    for distortion in [Float(1e-6), 1, 1e6] {
      let expected = try reference(z, [0, 0, 0, 0], distortion)
      let got = try CodingRate.classRate(of: z, labels: [0, 0, 0, 0], distortion: distortion)
      #expect(abs(Double(got.value) / expected.value - 1) < 1e-5)
      #expect(zip(got.gradient.values, expected.gradient.values).allSatisfy { abs(Double($0) - $1) < 1e-5 })
    }
    // Here the ones beside α are lost in double precision too.
    #expect(throws: LinearAlgebraError.self) {
      try CodingRate.classRate(of: z, labels: [0, 0, 0, 0], distortion: 1e-20)
    }
  }

  @Test func `no rows have the rate 0, equal rows a finite one`() throws {
    let none = Matrix(rows: 0, columns: 3)
    #expect(try CodingRate.rateAndGradient(of: none, distortion: 0.5).value == 0)
    #expect(try CodingRate.reduction(of: none, labels: [], distortion: 0.5).value == 0)
    #expect(try CodingRate.rate(of: Matrix(rows: 4, columns: 0), distortion: 0.5) == 0)
    // All rows e₁: only one direction, of strength m: ½ ln(1 + d / ε²).
    var same = DoubleMatrix(rows: 5, columns: 3)
    for r in 0..<5 { same[r, 0] = 1 }
    #expect(abs(try CodingRate.rate(of: same, distortion: 0.5) - 0.5 * log(7)) < 1e-12)
    #expect(abs(try CodingRate.reduction(of: same, labels: [1, 1, 1, 1, 1], distortion: 0.5).value) < 1e-12)
  }

  @Test func `what is not finite or not in shape is refused by name`() throws {
    var z = Matrix(rows: 3, columns: 2, repeating: 0.5)
    #expect(throws: RateReductionError.invalid(what: "the distortion ε²", got: "0.0", expected: "a number above 0")) {
      try CodingRate.rate(of: z, distortion: 0)
    }
    #expect(throws: RateReductionError.self) { try CodingRate.rate(of: z, distortion: .nan) }
    #expect(throws: RateReductionError.invalid(what: "labels", got: "2", expected: "3, one a row")) {
      try CodingRate.classRate(of: z, labels: [1, 2], distortion: 1)
    }
    #expect(throws: RateReductionError.invalid(what: "a membership", got: "-1.0", expected: "0 or more")) {
      try CodingRate.classRate(of: z, memberships: Matrix(rows: 3, columns: 1, repeating: -1), distortion: 1)
    }
    z[2, 1] = .nan
    #expect(throws: RateReductionError.notFinite(what: "the samples", row: 2, column: 1)) {
      try CodingRate.rate(of: z, distortion: 1)
    }
  }
}
