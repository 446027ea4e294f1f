import Glibc
import LinearAlgebra

/// Adam (Kingma & Ba 2015, arXiv 1412.6980) for a table of which each step moves few rows: β₁ .9, β₂ .999, ε 1e-8. A row
/// that a step leaves out keeps its moments too.
struct SparseAdam {
  private var first: Matrix
  private var second: Matrix
  private var steps = 0

  init(rows: Int, columns: Int) {
    first = Matrix(rows: rows, columns: columns)
    second = Matrix(rows: rows, columns: columns)
  }

  /// One step down the gradient, whose row *i* is that of row `rows[i]` of the table; each row at most once.
  mutating func step(_ table: inout Matrix, rows: [Int], gradient: Matrix, rate: Float) {
    steps += 1
    let d = table.columns
    // m̂ / (√v̂ + ε) with the corrections taken out of the loop.
    let root = Float((1 - pow(0.999, Double(steps))).squareRoot())
    let scaled = rate * root / Float(1 - pow(0.9, Double(steps)))
    let epsilon = 1e-8 * root
    table.values.withUnsafeMutableBufferPointer { table in
      first.values.withUnsafeMutableBufferPointer { first in
        second.values.withUnsafeMutableBufferPointer { second in
          gradient.values.withUnsafeBufferPointer { gradient in
            for (place, row) in rows.enumerated() {
              let p = table.baseAddress! + row * d
              let (m, v) = (first.baseAddress! + row * d, second.baseAddress! + row * d)
              let g = gradient.baseAddress! + place * d
              for i in 0..<d {
                m[i] = 0.9 * m[i] + 0.1 * g[i]
                v[i] = 0.999 * v[i] + 0.001 * g[i] * g[i]
                p[i] -= scaled * m[i] / (v[i].squareRoot() + epsilon)
              }
            }
          }
        }
      }
    }
  }
}
