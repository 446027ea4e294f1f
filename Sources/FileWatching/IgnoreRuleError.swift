/// An ignore pattern that cannot be read, and why.
package struct IgnoreRuleError: Error, Hashable, CustomStringConvertible {
  package let pattern: String
  package let reason: String

  package var description: String { "ignore pattern \"\(pattern)\" is not usable: \(reason)" }
}
