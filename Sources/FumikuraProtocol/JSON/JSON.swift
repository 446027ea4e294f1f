/// A JSON value (RFC 8259) as the protocol uses it: integers stay exact, and an object's members keep their order.
package enum JSON: Hashable, Sendable {
  case null
  case bool(Bool)
  /// A number written without fraction or exponent that fits 64 bits.
  case integer(Int)
  /// Any other number; finite when it was read.
  case number(Double)
  case string(String)
  case array([JSON])
  case object(Object)

  /// The members of an object in their order, each name once.
  package struct Object: Hashable, Sendable, ExpressibleByDictionaryLiteral {
    package private(set) var members: [Member]

    package struct Member: Hashable, Sendable {
      package let name: String
      package var value: JSON
    }

    package init(dictionaryLiteral elements: (String, JSON)...) {
      members = elements.map { Member(name: $0.0, value: $0.1) }
    }

    /// The value of a member, nil where there is none. Linear: objects of the protocol have some twenty members at most.
    package subscript(name: String) -> JSON? {
      get { members.first { $0.name == name }?.value }
      set {
        let index = members.firstIndex { $0.name == name }
        switch (index, newValue) {
        case (let index?, let value?): members[index].value = value
        case (let index?, nil): members.remove(at: index)
        case (nil, let value?): members.append(Member(name: name, value: value))
        case (nil, nil): break
        }
      }
    }

    /// Adds a member that is known not to be there yet.
    package mutating func append(_ name: String, _ value: JSON) {
      members.append(Member(name: name, value: value))
    }
  }

  /// The member of an object; nil for anything else.
  package subscript(name: String) -> JSON? {
    if case .object(let object) = self { object[name] } else { nil }
  }

  package var string: String? { if case .string(let text) = self { text } else { nil } }
  package var integer: Int? { if case .integer(let number) = self { number } else { nil } }
  package var array: [JSON]? { if case .array(let elements) = self { elements } else { nil } }
  package var object: Object? { if case .object(let object) = self { object } else { nil } }
  package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }

  /// A number of either kind.
  package var number: Double? {
    switch self {
    case .integer(let number): Double(number)
    case .number(let number): number
    default: nil
    }
  }

  /// The value as it is named in an error: what was got, cut to a readable length.
  package var summary: String {
    switch self {
    case .object: "an object"
    case .array(let elements): elements.isEmpty ? "an empty array" : "an array of \(elements.count)"
    case .string(let text) where text.unicodeScalars.count > 60:
      "a string of \(text.unicodeScalars.count) characters"
    default: text
    }
  }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
  package init(stringLiteral value: String) { self = .string(value) }
  package init(integerLiteral value: Int) { self = .integer(value) }
  package init(floatLiteral value: Double) { self = .number(value) }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
  package init(arrayLiteral elements: JSON...) { self = .array(elements) }
  package init(nilLiteral: ()) { self = .null }

  package init(dictionaryLiteral elements: (String, JSON)...) {
    var object = Object()
    for (name, value) in elements { object.append(name, value) }
    self = .object(object)
  }
}
