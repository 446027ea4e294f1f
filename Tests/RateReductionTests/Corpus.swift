import LinearAlgebra

/// Made-up corpora with the shape of embeddings: a common mean, clusters, and variances that fall off.
enum Corpus {
  /// Unit rows.
  static func clustered(rows: Int, columns: Int, seed: UInt64, clusters: Int = 12) -> Matrix {
    var random = SeededGenerator(seed: seed)
    let centres = Matrix.gaussian(rows: clusters, columns: columns, using: &random)
    let noise = Matrix.gaussian(rows: rows, columns: columns, using: &random)
    var result = Matrix(rows: rows, columns: columns)
    for r in 0..<rows {
      let cluster = random.index(below: clusters)
      for c in 0..<columns {
        result[r, c] = 0.2 + (0.8 * centres[cluster, c] + 0.7 * noise[r, c]) / (1 + Float(c) / Float(columns) * 4)
      }
    }
    result.normaliseRows()
    return result
  }

  /// The cluster of each row of ``clustered(rows:columns:seed:clusters:)``, which draws them after its matrices.
  static func clusters(rows: Int, columns: Int, seed: UInt64, clusters: Int) -> [Int] {
    var random = SeededGenerator(seed: seed)
    _ = Matrix.gaussian(rows: clusters + rows, columns: columns, using: &random)
    return (0..<rows).map { _ in random.index(below: clusters) }
  }

  /// For each row, one like it: what a query for it would be.
  static func near(_ rows: Matrix, noise: Float, seed: UInt64) -> Matrix {
    var random = SeededGenerator(seed: seed)
    var result = rows
    let size = noise / Float(rows.columns).squareRoot()
    for i in result.values.indices { result.values[i] += size * Float(random.gaussian()) }
    result.normaliseRows()
    return result
  }
}
