/// A configuration that is refused, with everything that is wrong with it, so that it is mended in one go.
package struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
  /// In the order of their lines; never empty.
  package let problems: [ConfigurationProblem]

  package var description: String { problems.map(\.description).joined(separator: "\n") }
}
