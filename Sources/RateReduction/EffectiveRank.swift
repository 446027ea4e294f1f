import Glibc
package import LinearAlgebra

/// How many dimensions some vectors really use.
package enum EffectiveRank {
  /// exp of the entropy of the normalised eigenvalues of the mean-centred covariance (Roy & Vetterli 2007): d for rows
  /// spread evenly over d dimensions, 1 for rows on a line.
  ///
  /// - Throws: as ``PrincipalAxes/init(of:)``.
  package static func of(_ rows: any SourceRows) throws -> Double {
    let variances = try PrincipalAxes(of: rows).variances
    let total = variances.reduce(0, +)
    return exp(-variances.reduce(0) { $1 > 0 ? $0 + $1 / total * log($1 / total) : $0 })
  }

  /// Whether projected rows have collapsed: their rank is below a quarter of what they could have, min(d, classes).
  /// Rows that are all the same have.
  ///
  /// - Parameter classes: what the projector was to tell apart: its classes, or the passages where it had none.
  package static func isCollapsed(_ projected: Matrix, classes: Int) throws -> Bool {
    do {
      return try of(projected) < Double(min(projected.columns, classes)) / 4
    } catch RateReductionError.noVariance {
      return true
    }
  }
}
