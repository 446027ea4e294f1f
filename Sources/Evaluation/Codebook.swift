import LinearAlgebra

/// The centroids of one part of a vector, found by k-means (Lloyd 1982).
struct Codebook: Sendable {
  /// k × w, k at most 256.
  private(set) var centroids: Matrix

  /// Starts at `count` different rows of `rows` (n × w), or at all of them where there are fewer.
  init(of rows: Matrix, count: Int, using generator: inout SeededGenerator) {
    centroids = rows.rows(at: generator.sample(count, below: rows.rows))
  }

  /// The nearest centroid of each of n × w rows; of equally near ones the first.
  func nearest(to rows: Matrix) -> [UInt8] {
    // ‖x − c‖² = ‖x‖² − 2 (x · c − ½ ‖c‖²): the largest of the brackets is the nearest.
    let halves = (0..<centroids.rows).map { r in centroids.row(r).reduce(Float(0)) { $0 - $1 * $1 / 2 } }
    var codes: [UInt8] = []
    codes.reserveCapacity(rows.rows)
    for start in stride(from: 0, to: rows.rows, by: 1024) {
      let slice = rows.rows(start..<min(start + 1024, rows.rows))
      let products = slice.timesTransposed(centroids)
      products.values.withUnsafeBufferPointer { products in
        halves.withUnsafeBufferPointer { halves in
          for r in 0..<slice.rows {
            let row = UnsafeBufferPointer(rebasing: products[r * halves.count..<(r + 1) * halves.count])
            codes.append(UInt8(Self.largest(row, plus: halves)))
          }
        }
      }
    }
    return codes
  }

  /// The first place where a + b is largest.
  private static func largest(_ a: UnsafeBufferPointer<Float>, plus b: UnsafeBufferPointer<Float>) -> Int {
    var best = a[0] + b[0]
    for i in a.indices { best = max(best, a[i] + b[i]) }
    return a.indices.first { a[$0] + b[$0] == best } ?? 0
  }

  /// Moves each centroid to the mean of its rows. One without rows moves beside that of the most rows, each to its side,
  /// so that they share them from the next step on.
  mutating func move(to rows: Matrix, nearest codes: [UInt8]) {
    let width = centroids.columns
    var counts = [Int](repeating: 0, count: centroids.rows)
    var sums = [Double](repeating: 0, count: centroids.values.count)
    for (r, code) in codes.enumerated() {
      let c = Int(code)
      counts[c] += 1
      for i in 0..<width { sums[c * width + i] += Double(rows.values[r * width + i]) }
    }
    for c in 0..<centroids.rows where counts[c] > 0 {
      for i in 0..<width { centroids.values[c * width + i] = Float(sums[c * width + i] / Double(counts[c])) }
    }
    for c in 0..<centroids.rows where counts[c] == 0 {
      guard let crowded = counts.indices.max(by: { (counts[$0], $1) < (counts[$1], $0) }), counts[crowded] > 1 else {
        return
      }
      for i in 0..<width {
        let value = centroids.values[crowded * width + i]
        let step = i % 2 == 0 ? Float(1) / 1024 : -Float(1) / 1024
        centroids.values[c * width + i] = value * (1 + step)
        centroids.values[crowded * width + i] = value * (1 - step)
      }
      counts[c] = counts[crowded] / 2
      counts[crowded] -= counts[c]
    }
  }
}
