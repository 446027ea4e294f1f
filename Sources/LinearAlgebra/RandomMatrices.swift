extension DenseMatrix where Scalar == Float {
  /// Independent standard normal numbers.
  package static func gaussian(rows: Int, columns: Int, using generator: inout SeededGenerator) -> Matrix {
    Matrix(rows: rows, columns: columns, values: (0..<rows * columns).map { _ in Float(generator.gaussian()) })
  }

  /// The orthogonal factor of a Gaussian matrix: a rotation (or reflection) drawn evenly from all of them.
  ///
  /// Codes on disk hang on this matrix while only its seed is stored, so it is computed in double precision with a fixed
  /// order of sums (Gram–Schmidt, each vector twice), not by LAPACK, whose last digits change with the processor.
  /// 4 size³ operations: 10 ms at 128.
  package static func orthogonal(_ size: Int, using generator: inout SeededGenerator) -> Matrix {
    var rows: [[Double]] = []
    for _ in 0..<size {
      var row = (0..<size).map { _ in generator.gaussian() }
      // "Twice is enough" (Kahan; Parlett 1980): the second pass removes what rounding left of the first.
      for _ in 0..<2 {
        for earlier in rows {
          let along = dot(row, earlier)
          for i in 0..<size { row[i] -= along * earlier[i] }
        }
      }
      let norm = dot(row, row).squareRoot()
      rows.append(row.map { $0 / norm })
    }
    return Matrix(DoubleMatrix(rows: rows, columns: size))
  }

  /// Eight partial sums, always in the same order.
  private static func dot(_ a: [Double], _ b: [Double]) -> Double {
    var sums = SIMD8<Double>.zero
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        var i = 0
        while i + 8 <= a.count {
          var (x, y) = (SIMD8<Double>.zero, SIMD8<Double>.zero)
          for lane in 0..<8 { (x[lane], y[lane]) = (a[i + lane], b[i + lane]) }
          sums += x * y
          i += 8
        }
        while i < a.count {
          sums[0] += a[i] * b[i]
          i += 1
        }
      }
    }
    return sums.sum()
  }
}
