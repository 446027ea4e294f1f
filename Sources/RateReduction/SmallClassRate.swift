import Glibc
import LinearAlgebra

/// ½ logdet(I + α Z Zᵀ) of classes of few rows, and its gradient α (I + α Z Zᵀ)⁻¹ Z, by an unblocked Cholesky of the n × n
/// matrix, one class after another in the same few kilobytes. In double precision within: a class of pseudo-queries is
/// nearly one direction, and α is some hundreds.
struct SmallClassRate {
  /// Up to here this is faster than LAPACK.
  static let mostRows = 8

  private let columns: Int
  private let distortion: Double
  /// The class's rows, n × d.
  private var rows: [Double]
  /// l of I + α Z Zᵀ = l lᵀ, its lower triangle, n × n.
  private var factor = [Double](repeating: 0, count: mostRows * mostRows)
  /// l⁻¹, its lower triangle.
  private var inverse = [Double](repeating: 0, count: mostRows * mostRows)
  /// One row of the gradient.
  private var row: [Double]

  /// - Parameter distortion: ε².
  init(columns: Int, distortion: Double) {
    self.columns = columns
    self.distortion = distortion
    rows = [Double](repeating: 0, count: Self.mostRows * columns)
    row = [Double](repeating: 0, count: columns)
  }

  /// Adds the gradient, times `share`, to the class's rows of `gradient`, and returns the value.
  ///
  /// - Parameter chosen: the rows of `z` that are the class, 1 to `mostRows`.
  /// - Throws: ``LinearAlgebraError/notPositiveDefinite(pivot:size:)`` where rows are alike and α is so large (10¹³) that the
  ///   ones on the diagonal are lost beside it.
  mutating func add<Scalar: BLASScalar>(
    of z: DenseMatrix<Scalar>, rows chosen: ArraySlice<Int>, share: Double, to gradient: inout DenseMatrix<Scalar>
  ) throws -> Double {
    let (n, d) = (chosen.count, columns)
    precondition(1...Self.mostRows ~= n && z.columns == d)
    let alpha = Double(d) / (Double(n) * distortion)
    copy(chosen, of: z)
    try factorise(n, alpha)
    var value = 0.0
    for i in 0..<n { value += log(factor[i * n + i]) }
    invert(n)
    gradient.values.withUnsafeMutableBufferPointer { gradient in
      rows.withUnsafeBufferPointer { rows in
        row.withUnsafeMutableBufferPointer { sum in
          for i in 0..<n {
            for c in 0..<d { sum[c] = 0 }
            for j in 0..<n {
              // (l lᵀ)⁻¹ = l⁻ᵀ l⁻¹
              var weight = 0.0
              for k in max(i, j)..<n { weight += inverse[k * n + i] * inverse[k * n + j] }
              weight *= share * alpha
              for c in 0..<d { sum[c] += weight * rows[j * d + c] }
            }
            let first = chosen[chosen.startIndex + i] * d
            for c in 0..<d { gradient[first + c] += Scalar(sum[c]) }
          }
        }
      }
    }
    return value
  }

  private mutating func copy<Scalar: BLASScalar>(_ chosen: ArraySlice<Int>, of z: DenseMatrix<Scalar>) {
    let d = columns
    z.values.withUnsafeBufferPointer { z in
      rows.withUnsafeMutableBufferPointer { rows in
        for (place, index) in chosen.enumerated() {
          for c in 0..<d { rows[place * d + c] = Double(z[index * d + c]) }
        }
      }
    }
  }

  private mutating func factorise(_ n: Int, _ alpha: Double) throws {
    let d = columns
    rows.withUnsafeBufferPointer { rows in
      let row = { (i: Int) in UnsafeBufferPointer(rebasing: rows[i * d..<(i + 1) * d]) }
      for i in 0..<n {
        for j in 0...i { factor[i * n + j] = alpha * Double.dot(row(i), row(j)) + (i == j ? 1 : 0) }
      }
    }
    for i in 0..<n {
      let lost = 8 * Double(n) * .ulpOfOne * factor[i * n + i]
      for j in 0...i {
        var rest = factor[i * n + j]
        for k in 0..<j { rest -= factor[i * n + k] * factor[j * n + k] }
        guard i == j else {
          factor[i * n + j] = rest / factor[j * n + j]
          continue
        }
        // What is left of rounding alone is no pivot; a true one is 1 or more.
        guard rest > lost, rest.isFinite else { throw LinearAlgebraError.notPositiveDefinite(pivot: i, size: n) }
        factor[i * n + i] = rest.squareRoot()
      }
    }
  }

  private mutating func invert(_ n: Int) {
    for j in 0..<n {
      inverse[j * n + j] = 1 / factor[j * n + j]
      for i in j + 1..<max(n, j + 1) {
        var sum = 0.0
        for k in j..<i { sum -= factor[i * n + k] * inverse[k * n + j] }
        inverse[i * n + j] = sum / factor[i * n + i]
      }
    }
  }
}
