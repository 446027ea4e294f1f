import Glibc
import LinearAlgebra
import Testing

@testable import RateReduction

@Suite("Supervised contrast")
struct SupervisedContrastTests {
  /// The formula of the paper, term by term.
  private func plain(_ z: DoubleMatrix, _ labels: [Int], _ temperature: Double) -> Double {
    func similarity(_ i: Int, _ j: Int) -> Double {
      zip(z.row(i), z.row(j)).reduce(0) { $0 + $1.0 * $1.1 } / temperature
    }
    let terms = labels.indices.compactMap { i -> Double? in
      let partners = labels.indices.filter { $0 != i && labels[$0] == labels[i] }
      if partners.isEmpty { return nil }
      let all = labels.indices.filter { $0 != i }.reduce(0) { $0 + exp(similarity(i, $1)) }
      return -partners.reduce(0) { $0 + log(exp(similarity(i, $1)) / all) } / Double(partners.count)
    }
    return terms.reduce(0, +) / Double(terms.count)
  }

  @Test func `the value is that of the paper's formula, and the gradient that of finite differences`() {
    let seed: UInt64 = 31
    print("seed \(seed)")
    var random = SeededGenerator(seed: seed)
    var z = DoubleMatrix(Matrix.gaussian(rows: 9, columns: 5, using: &random)).normalisedRows()
    let labels = [2, 2, 7, 7, 7, 0, 2, 7, 5]
    let got = SupervisedContrast.loss(of: z, labels: labels, temperature: 0.3, weight: 1.5)
    #expect(abs(got.value - 1.5 * plain(z, labels, 0.3)) < 1e-10)
    for i in z.values.indices {
      let here = z.values[i]
      z.values[i] = here + 1e-5
      let above = 1.5 * plain(z, labels, 0.3)
      z.values[i] = here - 1e-5
      let below = 1.5 * plain(z, labels, 0.3)
      z.values[i] = here
      #expect(abs(got.gradient.values[i] - (above - below) / 2e-5) < 1e-7)
    }
  }

  @Test func `rows that are each alone with their label have no loss`() {
    let z = DoubleMatrix.identity(3)
    let alone = SupervisedContrast.loss(of: z, labels: [1, 2, 3], temperature: 0.1, weight: 1)
    #expect(alone.value == 0 && alone.gradient.values.allSatisfy { $0 == 0 })
    let none = SupervisedContrast.loss(of: z.rows(0..<0), labels: [], temperature: 0.1, weight: 1)
    #expect(none.value == 0)
  }

  @Test func `single precision agrees with double, far apart and close together`() {
    var random = SeededGenerator(seed: 4)
    let z = Matrix.gaussian(rows: 40, columns: 6, using: &random).normalisedRows()
    let labels = (0..<40).map { $0 % 7 }
    let fast = SupervisedContrast.loss(of: z, labels: labels, temperature: 0.05, weight: 1)
    let exact = SupervisedContrast.loss(of: DoubleMatrix(z), labels: labels, temperature: 0.05, weight: 1)
    #expect(abs(Double(fast.value) - exact.value) < 1e-4)
    for i in z.values.indices { #expect(abs(Double(fast.gradient.values[i]) - exact.gradient.values[i]) < 1e-4) }
  }
}
