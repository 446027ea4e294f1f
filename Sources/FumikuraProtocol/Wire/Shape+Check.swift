extension Shape {
  /// Throws where `value` is not of this shape, naming the place, what was got and what was expected.
  package func check(_ value: JSON, at place: String) throws(WireMismatch) {
    switch (self, value) {
    case (.any, _), (.boolean, .bool), (.nullable, .null): return
    case (.nullable(let shape), _): try shape.check(value, at: place)
    case (.integer(let range), .integer(let number)) where range.contains(number): return
    case (.number(let range), _):
      guard let number = value.number, number.isFinite, range?.contains(number) ?? true else {
        throw mismatch(value, place)
      }
    case (.text(let length), .string(let text)) where length.contains(text.unicodeScalars.count): return
    case (.word(let words), .string(let text)) where words.contains(text): return
    case (.timestamp, .string(let text)) where Timestamp(rfc3339: text) != nil: return
    case (.absolutePath, .string(let text)) where text.hasPrefix("/") && !text.utf8.contains(0): return
    case (.base64, .string(let text)) where WirePath.decodeBase64(text) != nil: return
    case (.list(let element, let count), .array(let elements)) where count.contains(elements.count):
      for (index, item) in elements.enumerated() { try element.check(item, at: "\(place)[\(index)]") }
    case (.tuple(let shapes), .array(let elements)) where shapes.count == elements.count:
      for (index, (shape, item)) in zip(shapes, elements).enumerated() {
        try shape.check(item, at: "\(place)[\(index)]")
      }
    case (.object(let shape), .object(let object)): try shape.check(object, at: place)
    default: throw mismatch(value, place)
    }
  }

  private func mismatch(_ value: JSON, _ place: String) -> WireMismatch {
    .wrongValue(place: place, got: value.summary, expected: expectation)
  }
}

extension Shape.ObjectShape {
  /// Throws where a member is unknown, missing or of the wrong shape.
  package func check(_ object: JSON.Object, at place: String) throws(WireMismatch) {
    for member in object.members {
      let name = place.isEmpty ? member.name : "\(place).\(member.name)"
      guard let expected = members.first(where: { $0.name == member.name }) else {
        throw .unknownName(place: name, known: members.map(\.name))
      }
      try expected.shape.check(member.value, at: name)
    }
    for member in members where member.isRequired && object[member.name] == nil {
      throw .missing(place: place.isEmpty ? member.name : "\(place).\(member.name)", expected: member.shape.expectation)
    }
    guard !exactlyOneOf.isEmpty else { return }
    let given = exactlyOneOf.filter { object[$0] ?? .null != .null }
    guard given.count == 1 else { throw .notExactlyOne(of: exactlyOneOf, given: given) }
  }
}
