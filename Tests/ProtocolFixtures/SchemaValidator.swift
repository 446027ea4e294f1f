import Foundation
package import FumikuraProtocol

/// Checks values against JSON Schemas of draft 2020-12, for the keywords that `rpc.discover` uses; any other keyword is
/// a failure of its own. It knows nothing of `Shape`, so that the two can be held against each other.
package struct SchemaValidator {
  package init() {}

  /// What is wrong with `value`, each with its place; empty where nothing is.
  package func problems(of value: JSON, against schema: JSON, at place: String = "$") -> [String] {
    switch schema {
    case .bool(true): return []
    case .bool(false): return ["\(place): nothing is allowed here"]
    case .object(let keywords):
      return keywords.members.flatMap { check($0.name, $0.value, keywords, value, place) }
    default: return ["\(place): the schema is neither an object nor a boolean"]
    }
  }

  private func check(_ keyword: String, _ argument: JSON, _ all: JSON.Object, _ value: JSON, _ place: String)
    -> [String]
  {
    let fails = { (holds: Bool) in holds ? [] : ["\(place): \(value.summary) fails \(keyword) \(argument.text)"] }
    switch keyword {
    case "description", "default", "contentEncoding":
      // Annotations; contentEncoding is held to its meaning all the same.
      guard keyword == "contentEncoding", let text = value.string else { return [] }
      return fails(Data(base64Encoded: text) != nil)
    case "type":
      let types = argument.array ?? [argument]
      return fails(types.contains { isOf(type: $0.string ?? "", value) })
    case "enum": return fails((argument.array ?? []).contains(value))
    case "minimum": return fails(value.number.map { $0 >= argument.number ?? .infinity } ?? true)
    case "maximum": return fails(value.number.map { $0 <= argument.number ?? -.infinity } ?? true)
    case "minLength": return fails(value.string.map { $0.unicodeScalars.count >= argument.integer ?? .max } ?? true)
    case "maxLength": return fails(value.string.map { $0.unicodeScalars.count <= argument.integer ?? -1 } ?? true)
    case "pattern":
      guard let text = value.string, let pattern = argument.string else { return [] }
      return fails(text.range(of: pattern, options: .regularExpression) != nil)
    case "format":
      guard let text = value.string else { return [] }
      return argument == "date-time" ? fails(isDateTime(text)) : ["\(place): unknown format \(argument.text)"]
    case "minItems": return fails(value.array.map { $0.count >= argument.integer ?? .max } ?? true)
    case "maxItems": return fails(value.array.map { $0.count <= argument.integer ?? -1 } ?? true)
    case "prefixItems":
      return zip(value.array ?? [], argument.array ?? []).enumerated().flatMap {
        problems(of: $1.0, against: $1.1, at: "\(place)[\($0)]")
      }
    case "items":
      let skipped = all["prefixItems"]?.array?.count ?? 0
      return (value.array ?? []).enumerated().dropFirst(skipped).flatMap {
        problems(of: $1, against: argument, at: "\(place)[\($0)]")
      }
    case "required":
      guard let object = value.object else { return [] }
      let missing = (argument.array ?? []).compactMap(\.string).filter { object[$0] == nil }
      return missing.map { "\(place): \($0) is missing" }
    case "properties":
      return (value.object?.members ?? []).flatMap { member in
        argument[member.name].map { problems(of: member.value, against: $0, at: "\(place).\(member.name)") } ?? []
      }
    case "additionalProperties":
      let known = all["properties"]?.object?.members.map(\.name) ?? []
      let others = (value.object?.members ?? []).filter { !known.contains($0.name) }
      return others.flatMap { problems(of: $0.value, against: argument, at: "\(place).\($0.name)") }
    case "anyOf": return fails((argument.array ?? []).contains { problems(of: value, against: $0).isEmpty })
    case "oneOf": return fails((argument.array ?? []).count { problems(of: value, against: $0).isEmpty } == 1)
    case "not": return fails(!problems(of: value, against: argument).isEmpty)
    default: return ["\(place): the schema uses an unknown keyword \(keyword)"]
    }
  }

  private func isOf(type: String, _ value: JSON) -> Bool {
    switch (type, value) {
    case ("null", .null), ("boolean", .bool), ("integer", .integer), ("number", .integer), ("number", .number),
      ("string", .string), ("array", .array), ("object", .object):
      true
    case ("integer", .number(let number)): number == number.rounded()
    default: false
    }
  }

  private func isDateTime(_ text: String) -> Bool {
    let pattern =
      #"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[Tt ]([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)$"#
    return text.range(of: pattern, options: .regularExpression) != nil
  }
}
