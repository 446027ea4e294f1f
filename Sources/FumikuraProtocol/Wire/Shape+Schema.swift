extension Shape {
  /// The shape as a JSON Schema (draft 2020-12).
  package var schema: JSON {
    switch self {
    case .any: true
    case .boolean: ["type": "boolean"]
    case .integer(let range):
      ["type": "integer", "minimum": .integer(range.lowerBound), "maximum": .integer(range.upperBound)]
    case .number(nil): ["type": "number"]
    case .number(let range?):
      ["type": "number", "minimum": .number(range.lowerBound), "maximum": .number(range.upperBound)]
    case .text(let length):
      ["type": "string", "minLength": .integer(length.lowerBound), "maxLength": .integer(length.upperBound)]
    case .word(let words): ["type": "string", "enum": .array(words.map(JSON.string))]
    case .timestamp: ["type": "string", "format": "date-time"]
    case .absolutePath: ["type": "string", "pattern": "^/"]
    case .base64: ["type": "string", "contentEncoding": "base64"]
    case .list(let element, let count):
      [
        "type": "array", "items": element.schema, "minItems": .integer(count.lowerBound),
        "maxItems": .integer(count.upperBound),
      ]
    case .tuple(let elements):
      [
        "type": "array", "prefixItems": .array(elements.map(\.schema)), "items": false,
        "minItems": .integer(elements.count), "maxItems": .integer(elements.count),
      ]
    case .nullable(let shape): Self.nullable(shape)
    case .object(let shape): shape.schema
    }
  }

  /// `{"type": ["string", "null"], …}` where the keywords beside it let null pass, else a choice.
  private static func nullable(_ shape: Shape) -> JSON {
    guard case .object(var object) = shape.schema else { return true }
    guard let type = object["type"], object["enum"] == nil else {
      return ["anyOf": [shape.schema, ["type": "null"]]]
    }
    object["type"] = [type, "null"]
    return .object(object)
  }
}

extension Shape.ObjectShape {
  /// The object as a JSON Schema (draft 2020-12) that allows no other member.
  package var schema: JSON {
    var properties = JSON.Object()
    for member in members {
      guard case .object(var property) = member.shape.schema else {
        properties.append(member.name, ["description": .string(member.summary)])
        continue
      }
      property["description"] = .string(member.summary)
      if let value = member.whenAbsent { property["default"] = value }
      properties.append(member.name, .object(property))
    }
    var schema: JSON.Object = [
      "type": "object", "description": .string(summary), "properties": .object(properties),
      "required": .array(members.filter(\.isRequired).map { .string($0.name) }), "additionalProperties": false,
    ]
    if !exactlyOneOf.isEmpty {
      schema["oneOf"] = .array(
        exactlyOneOf.map { ["required": [.string($0)], "properties": [$0: ["not": ["type": "null"]]]] })
    }
    return .object(schema)
  }
}
