/// A key that the configuration knows, as the reader asked for it.
package struct KnownKey: Hashable, Sendable {
  /// `watch`; `share` for a key of every `[[share]]`.
  package let table: String
  package let name: String
  /// The default as TOML text; nil for a key without one (required, or absent by default).
  package let defaultValue: String?
  /// What the key takes, in words: "a whole number from 0 to 60000".
  package let expected: String

  package var fullName: String { "\(table).\(name)" }
}
