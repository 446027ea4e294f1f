package import SystemPackage

/// One thing wrong with a configuration file: where, and what was expected instead.
package struct ConfigurationProblem: Hashable, Sendable, CustomStringConvertible {
  package enum Kind: Hashable, Sendable {
    /// The file cannot be read at all.
    case unreadable(reason: String)
    /// The text is not TOML.
    case syntax(reason: String)
    /// A key or table that this version does not know.
    case unknownKey(suggestion: String?)
    case missingKey(expected: String)
    case wrongType(got: String, expected: String)
    case outOfRange(got: String, expected: String)
    /// The value is fine by itself but not beside another.
    case conflict(reason: String)
  }
  package let file: FilePath
  /// Counted from one; nil where the problem has no line, such as a missing file.
  package let line: Int?
  /// The full name, `watch.settle_ms` or `share[2].path`; nil where the problem is not one key's.
  package let key: String?
  package let kind: Kind

  package var description: String {
    let place = line.map { "\(file):\($0): " } ?? "\(file): "
    let name = key.map { "\($0) " } ?? ""
    return switch kind {
    case .unreadable(let reason): place + "cannot be read: \(reason)"
    case .syntax(let reason): place + "not TOML: \(reason)"
    case .unknownKey(let suggestion?): place + name + "is not a key of Fumikura; did you mean \(suggestion)?"
    case .unknownKey(nil): place + name + "is not a key of Fumikura"
    case .missingKey(let expected): place + name + "is missing: expected \(expected)"
    case .wrongType(let got, let expected): place + name + "is \(got): expected \(expected)"
    case .outOfRange(let got, let expected): place + name + "is \(got): expected \(expected)"
    case .conflict(let reason): place + name + reason
    }
  }
}
