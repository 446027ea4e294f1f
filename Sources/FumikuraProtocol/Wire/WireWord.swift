/// An enumeration that goes over the wire as one of its words.
package protocol WireWord: WireValue, RawRepresentable, CaseIterable where RawValue == String {}

extension WireWord {
  package static var shape: Shape { .word(allCases.map(\.rawValue)) }
  package static func decode(_ json: JSON) throws(WireMismatch) -> Self {
    guard let word = json.string, let value = Self(rawValue: word) else { throw mismatch(json) }
    return value
  }
  package var json: JSON { .string(rawValue) }
}
