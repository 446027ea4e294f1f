/// One property of a message and its name on the wire.
package struct Field<Owner: Sendable, Value: Sendable>: Sendable {
  /// One member, or two for a path (text and bytes).
  let members: [Shape.Member]
  let isOptional: Bool
  let read: @Sendable (JSON.Object) throws(WireMismatch) -> Value
  let write: @Sendable (Owner, inout JSON.Object) -> Void
}

extension Field where Value: WireValue {
  /// - Parameters:
  ///   - shape: narrower than what the type alone allows, such as a range.
  ///   - whenAbsent: what a request means that leaves the member out; nil for the type's own rule.
  package init(
    _ name: String, _ property: any KeyPath<Owner, Value> & Sendable, _ summary: String, _ shape: Shape? = nil,
    whenAbsent: Value? = nil
  ) {
    let fallback = whenAbsent ?? Value.whenAbsent
    isOptional = fallback != nil
    members = [
      Shape.Member(
        name: name, summary: summary, shape: Value.shape(narrowedTo: shape), isRequired: fallback == nil,
        whenAbsent: whenAbsent?.json)
    ]
    read = { object throws(WireMismatch) in
      guard let json = object[name] else {
        if let fallback { return fallback }
        throw .missing(place: name, expected: Value.shape.expectation)
      }
      do throws(WireMismatch) {
        return try Value.decode(json)
      } catch {
        throw error.within(name)
      }
    }
    write = { owner, object in object.append(name, owner[keyPath: property].json) }
  }
}

extension WireMismatch {
  /// The same mismatch, seen from the object that holds the value.
  func within(_ name: String) -> WireMismatch {
    let nested = { (place: String) in place.isEmpty ? name : "\(name).\(place)" }
    return switch self {
    case .unknownName(let place, let known): .unknownName(place: nested(place), known: known)
    case .missing(let place, let expected): .missing(place: nested(place), expected: expected)
    case .wrongValue(let place, let got, let expected):
      .wrongValue(place: nested(place), got: got, expected: expected)
    case .notExactlyOne: self
    }
  }
}
