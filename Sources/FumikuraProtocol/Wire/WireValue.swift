/// A Swift value with a JSON form that a `Shape` describes.
package protocol WireValue: Sendable {
  static var shape: Shape { get }

  /// The value that `json` spells. Throws where it is not of the shape, as far as that can be seen here: ranges are
  /// checked by `Shape.check` beforehand, on requests.
  static func decode(_ json: JSON) throws(WireMismatch) -> Self

  var json: JSON { get }

  /// `shape`, or `narrower` in its place, in this type's own wrapping.
  static func shape(narrowedTo narrower: Shape?) -> Shape

  /// The value of a member that is not there; nil where the member must be there.
  static var whenAbsent: Self? { get }
}

extension WireValue {
  package static func shape(narrowedTo narrower: Shape?) -> Shape { narrower ?? shape }
  package static var whenAbsent: Self? { nil }

  static func mismatch(_ json: JSON) -> WireMismatch {
    .wrongValue(place: "", got: json.summary, expected: shape.expectation)
  }
}

extension JSON: WireValue {
  package static var shape: Shape { .any }
  package static func decode(_ json: JSON) throws(WireMismatch) -> JSON { json }
  package var json: JSON { self }
}

extension Bool: WireValue {
  package static var shape: Shape { .boolean }
  package static func decode(_ json: JSON) throws(WireMismatch) -> Bool {
    guard let value = json.bool else { throw mismatch(json) }
    return value
  }
  package var json: JSON { .bool(self) }
}

extension Int: WireValue {
  package static var shape: Shape { .count }
  package static func decode(_ json: JSON) throws(WireMismatch) -> Int {
    guard let value = json.integer else { throw mismatch(json) }
    return value
  }
  package var json: JSON { .integer(self) }
}

extension Double: WireValue {
  package static var shape: Shape { .number(nil) }
  package static func decode(_ json: JSON) throws(WireMismatch) -> Double {
    guard let value = json.number else { throw mismatch(json) }
    return value
  }
  package var json: JSON { .number(self) }
}

extension String: WireValue {
  package static var shape: Shape { .anyText }
  package static func decode(_ json: JSON) throws(WireMismatch) -> String {
    guard let value = json.string else { throw mismatch(json) }
    return value
  }
  package var json: JSON { .string(self) }
}

extension Array: WireValue where Element: WireValue {
  package static var shape: Shape { .list(Element.shape, count: 0...1_000_000) }
  package static func decode(_ json: JSON) throws(WireMismatch) -> [Element] {
    guard let elements = json.array else { throw mismatch(json) }
    var result: [Element] = []
    result.reserveCapacity(elements.count)
    for element in elements { result.append(try Element.decode(element)) }
    return result
  }
  package var json: JSON { .array(map(\.json)) }
}

/// Absent is `null` on the wire, never an empty string.
extension Optional: WireValue where Wrapped: WireValue {
  package static var shape: Shape { shape(narrowedTo: nil) }
  package static func shape(narrowedTo narrower: Shape?) -> Shape {
    let inner = narrower ?? Wrapped.shape
    return .nullable(inner == .anyText ? .someText : inner)
  }
  package static func decode(_ json: JSON) throws(WireMismatch) -> Wrapped? {
    if case .null = json { return .none }
    return try Wrapped.decode(json)
  }
  package var json: JSON {
    guard let value = self?.json, value != .string("") else { return .null }
    return value
  }
  package static var whenAbsent: Self? { .some(.none) }
}
