extension DenseMatrix {
  /// self · other, by GEMM.
  package func times(_ other: DenseMatrix) -> DenseMatrix { product(self, other) }

  /// self · otherᵀ: all dot products of the rows of one with the rows of the other.
  package func timesTransposed(_ other: DenseMatrix) -> DenseMatrix { product(self, other, transposeB: true) }

  /// selfᵀ · other.
  package func transposedTimes(_ other: DenseMatrix) -> DenseMatrix { product(self, other, transposeA: true) }

  /// selfᵀ · self, columns × columns, exactly symmetric; half the work of GEMM.
  package func gram() -> DenseMatrix { gram(transpose: true, size: columns, inner: rows) }

  /// self · selfᵀ, rows × rows, exactly symmetric.
  package func rowGram() -> DenseMatrix { gram(transpose: false, size: rows, inner: columns) }

  /// self += alpha · op(a) · op(b).
  ///
  /// - Precondition: the shapes fit.
  package mutating func add(
    _ a: DenseMatrix, _ b: DenseMatrix, transposeA: Bool = false, transposeB: Bool = false, alpha: Scalar = 1
  ) {
    accumulate(a, b, transposeA: transposeA, transposeB: transposeB, alpha: alpha, beta: 1)
  }

  /// The sum of the rows, one number a column.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func columnSums() -> [Scalar] {
    var sums = [Scalar](repeating: 0, count: columns)
    sums.withUnsafeMutableBufferPointer { sums in
      values.withUnsafeBufferPointer { values in
        for r in 0..<rows { for c in 0..<columns { sums[c] += values[r * columns + c] } }
      }
    }
    return sums
  }

  private func product(
    _ a: DenseMatrix, _ b: DenseMatrix, transposeA: Bool = false, transposeB: Bool = false
  ) -> DenseMatrix {
    var result = DenseMatrix(rows: transposeA ? a.columns : a.rows, columns: transposeB ? b.rows : b.columns)
    result.accumulate(a, b, transposeA: transposeA, transposeB: transposeB, alpha: 1, beta: 0)
    return result
  }

  private mutating func accumulate(
    _ a: DenseMatrix, _ b: DenseMatrix, transposeA: Bool, transposeB: Bool, alpha: Scalar, beta: Scalar
  ) {
    let (m, k) = transposeA ? (a.columns, a.rows) : (a.rows, a.columns)
    let (inner, n) = transposeB ? (b.columns, b.rows) : (b.rows, b.columns)
    precondition(k == inner && m == rows && n == columns, "\(m) × \(k) times \(inner) × \(n) into \(rows) × \(columns)")
    guard m > 0, n > 0, k > 0 else { return }
    a.values.withUnsafeBufferPointer { a in
      b.values.withUnsafeBufferPointer { b in
        values.withUnsafeMutableBufferPointer { c in
          Scalar.gemm(
            transposeA: transposeA, transposeB: transposeB, m: m, n: n, k: k, alpha: alpha, a: a.baseAddress!,
            b: b.baseAddress!, beta: beta, c: c.baseAddress!)
        }
      }
    }
  }

  private func gram(transpose: Bool, size: Int, inner: Int) -> DenseMatrix {
    var result = DenseMatrix(rows: size, columns: size)
    guard size > 0, inner > 0 else { return result }
    values.withUnsafeBufferPointer { a in
      result.values.withUnsafeMutableBufferPointer { c in
        Scalar.syrk(transpose: transpose, n: size, k: inner, a: a.baseAddress!, c: c.baseAddress!)
      }
    }
    result.copyLowerToUpper()
    return result
  }

  /// Makes a square matrix symmetric from its lower triangle.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  mutating func copyLowerToUpper() {
    let n = columns
    values.withUnsafeMutableBufferPointer { values in
      for r in 0..<n { for c in 0..<r { values[c * n + r] = values[r * n + c] } }
    }
  }
}
