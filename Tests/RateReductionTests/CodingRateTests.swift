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
