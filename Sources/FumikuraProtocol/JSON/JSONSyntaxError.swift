/// Why some bytes are not JSON that we take, and where.
package struct JSONSyntaxError: Error, Hashable, CustomStringConvertible {
  package let problem: String
  /// The offset of the first byte that does not fit, from 0.
  package let position: Int

  package init(_ problem: String, at position: Int) {
    self.problem = problem
    self.position = position
  }

  package var description: String { "\(problem) at byte \(position)" }
}
