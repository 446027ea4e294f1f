/// What JSON values a place in a message takes. The one description from which the checks on requests, the errors'
/// words and the JSON Schema are all made, so that they cannot disagree.
package indirect enum Shape: Hashable, Sendable {
  case any
  case boolean
  case integer(ClosedRange<Int>)
  case number(ClosedRange<Double>?)
  /// Text whose length in Unicode scalars lies in the range.
  case text(ClosedRange<Int>)
  /// One of these words.
  case word([String])
  /// An RFC 3339 time.
  case timestamp
  /// An absolute path: begins with a slash, holds no NUL.
  case absolutePath
  /// Bytes in Base64 (RFC 4648 §4, padded).
  case base64
  case list(Shape, count: ClosedRange<Int>)
  /// An array of exactly these elements.
  case tuple([Shape])
  case nullable(Shape)
  case object(ObjectShape)

  /// Any integer that a double holds exactly too (RFC 8259 §6).
  package static let anyInteger = Shape.integer(-9_007_199_254_740_991...9_007_199_254_740_991)
  /// A count.
  package static let count = Shape.integer(0...9_007_199_254_740_991)
  /// Text of at least one character.
  package static let someText = Shape.text(1...16_777_216)
  package static let anyText = Shape.text(0...16_777_216)

  /// The members of an object.
  package struct ObjectShape: Hashable, Sendable {
    package let summary: String
    package let members: [Member]
    /// Exactly one of these members must be there and not null; empty for no such rule.
    package let exactlyOneOf: [String]

    package init(summary: String, members: [Member], exactlyOneOf: [String] = []) {
      self.summary = summary
      self.members = members
      self.exactlyOneOf = exactlyOneOf
    }
  }

  package struct Member: Hashable, Sendable {
    package let name: String
    package let summary: String
    package let shape: Shape
    /// Whether an object without the member is refused.
    package let isRequired: Bool
    /// What an absent member means, where that is not null.
    package let whenAbsent: JSON?

    package init(name: String, summary: String, shape: Shape, isRequired: Bool, whenAbsent: JSON? = nil) {
      self.name = name
      self.summary = summary
      self.shape = shape
      self.isRequired = isRequired
      self.whenAbsent = whenAbsent
    }
  }

  /// The shape in words, as an error's "expected …".
  package var expectation: String {
    switch self {
    case .any: "any value"
    case .boolean: "true or false"
    case .integer(let range):
      Self.isEverything(range)
        ? "an integer"
        : range.upperBound > 1 << 50
          ? "an integer of at least \(range.lowerBound)" : "an integer from \(range.lowerBound) to \(range.upperBound)"
    case .number(let range):
      range.map { "a number from \($0.lowerBound) to \($0.upperBound)" } ?? "a number"
    case .text(let length):
      length.lowerBound == 0
        ? "a string of at most \(length.upperBound) characters"
        : "a string of \(length.lowerBound) to \(length.upperBound) characters"
    case .word(let words): "one of " + words.map { "\"\($0)\"" }.joined(separator: ", ")
    case .timestamp: "an RFC 3339 time such as \"2026-03-01T09:30:00Z\""
    case .absolutePath: "an absolute path"
    case .base64: "bytes in Base64"
    case .list(_, let count): "an array of \(count.lowerBound) to \(count.upperBound) elements"
    case .tuple(let elements): "an array of \(elements.count) elements"
    case .nullable(let shape): "\(shape.expectation), or null"
    case .object: "an object"
    }
  }

  private static func isEverything(_ range: ClosedRange<Int>) -> Bool { Shape.integer(range) == anyInteger }
}
