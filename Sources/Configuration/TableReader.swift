import SystemPackage
import TOMLKit

/// Reads the keys of one table. Each call names a key, what it may hold and its default; a value that will not do is
/// noted as a problem and the default is given instead, so that reading goes on.
final class TableReader {
  private let reader: ConfigurationReader
  private let table: TOMLTable?
  private let name: String
  private let path: ConfigurationKeyPath
  private var asked: [String] = []

  init(reader: ConfigurationReader, table: TOMLTable?, name: String, path: ConfigurationKeyPath) {
    self.reader = reader
    self.table = table
    self.name = name
    self.path = path
  }

  /// Whether the document has this table.
  var isPresent: Bool { table != nil }

  func integer(_ key: String, _ range: ClosedRange<Int>, default standard: Int) -> Int {
    let expected = "a whole number from \(range.lowerBound) to \(range.upperBound)"
    return read(key, expected, default: standard, written: "\(standard)") { value in
      guard let number = value.int else { return .wrongType }
      return range.contains(number) ? .value(number) : .outOfRange
    }
  }

  func integer(_ key: String, oneOf allowed: [Int], default standard: Int) -> Int {
    let expected = "one of " + allowed.map { "\($0)" }.joined(separator: ", ")
    return read(key, expected, default: standard, written: "\(standard)") { value in
      guard let number = value.int else { return .wrongType }
      return allowed.contains(number) ? .value(number) : .outOfRange
    }
  }

  /// A whole multiple of `step` within the range.
  func integer(_ key: String, _ range: ClosedRange<Int>, multipleOf step: Int, default standard: Int) -> Int {
    let expected = "a multiple of \(step) from \(range.lowerBound) to \(range.upperBound)"
    return read(key, expected, default: standard, written: "\(standard)") { value in
      guard let number = value.int else { return .wrongType }
      return range.contains(number) && number % step == 0 ? .value(number) : .outOfRange
    }
  }

  func number(_ key: String, _ range: ClosedRange<Double>, default standard: Double) -> Double {
    let expected = "a number from \(Self.short(range.lowerBound)) to \(Self.short(range.upperBound))"
    return read(key, expected, default: standard, written: "\(standard)") { value in
      guard let number = value.double ?? value.int.map(Double.init) else { return .wrongType }
      return range.contains(number) ? .value(number) : .outOfRange
    }
  }

  func boolean(_ key: String, default standard: Bool) -> Bool {
    read(key, "true or false", default: standard, written: "\(standard)") { value in
      value.bool.map { .value($0) } ?? .wrongType
    }
  }

  func choice<Choice: RawRepresentable & CaseIterable>(_ key: String, default standard: Choice) -> Choice
  where Choice.RawValue == String {
    let expected = "one of " + Choice.allCases.map(\.rawValue).joined(separator: ", ")
    return read(key, expected, default: standard, written: String(reflecting: standard.rawValue)) { value in
      guard let text = value.string else { return .wrongType }
      return Choice(rawValue: text).map { .value($0) } ?? .outOfRange
    }
  }

  /// Text that `accepts` finds good; `expected` says in words what that is. Nil where the key is absent.
  func text(_ key: String, _ expected: String, accepts: (String) -> Bool) -> String? {
    read(key, expected, default: nil, written: nil) { value in
      guard let text = value.string else { return .wrongType }
      return accepts(text) ? .value(text) : .outOfRange
    }
  }

  func text(_ key: String, _ expected: String, default standard: String, accepts: (String) -> Bool) -> String {
    read(key, expected, default: standard, written: String(reflecting: standard)) { value in
      guard let text = value.string else { return .wrongType }
      return accepts(text) ? .value(text) : .outOfRange
    }
  }

  func texts(_ key: String, _ expected: String, accepts: (String) -> Bool) -> [String] {
    read(key, expected, default: [], written: "[]") { value in
      guard let array = value.array else { return .wrongType }
      let texts = (0..<array.count).compactMap { array[$0].string }
      guard texts.count == array.count else { return .wrongType }
      return texts.allSatisfy(accepts) ? .value(texts) : .outOfRange
    }
  }

  /// An absolute path without `..`, normalised: no `.`, no doubled or closing slash. Nil where the key is absent.
  func path(_ key: String, longest: Int = 4095, default standard: FilePath? = nil) -> FilePath? {
    let limit = longest < 4095 ? " of at most \(longest) bytes" : ""
    let expected = "an absolute path\(limit) without \"..\""
    return read(key, expected, default: standard, written: standard.map { String(reflecting: $0.string) }) { value in
      guard let text = value.string else { return .wrongType }
      return Self.absolutePath(text, longest: longest).map { .value($0) } ?? .outOfRange
    }
  }

  static func absolutePath(_ text: String, longest: Int = 4095) -> FilePath? {
    let path = FilePath(text)
    guard path.isAbsolute, !path.components.contains(where: { $0.kind == .parentDirectory }) else { return nil }
    let normal = path.lexicallyNormalized()
    return normal.string.utf8.count <= longest ? normal : nil
  }

  func contains(_ key: String) -> Bool { table?[key] != nil }

  /// Notes that the table must have the key.
  func require(_ key: String, _ expected: String) {
    if isPresent && !contains(key) { reader.refuse(path.key(key), .missingKey(expected: expected)) }
  }

  /// Notes that the key's value does not go with something else.
  func refuse(_ key: String, _ reason: String) { reader.refuse(path.key(key), .conflict(reason: reason)) }

  /// Refuses the keys nobody asked for. Call it once all were read.
  func refuseUnknownKeys() {
    for key in table?.keys ?? [] where !asked.contains(key) { reader.noteUnknown(key, in: name, at: path) }
  }

  // MARK: -

  private enum Reading<Value> {
    case value(Value)
    case wrongType
    case outOfRange
  }

  private func read<Value>(
    _ key: String, _ expected: String, default standard: Value, written: String?,
    _ body: (any TOMLValueConvertible) -> Reading<Value>
  ) -> Value {
    asked.append(key)
    reader.learn(KnownKey(table: name, name: key, defaultValue: written, expected: expected))
    guard let value = table?[key] else { return standard }
    switch body(value) {
    case .value(let good): return good
    case .wrongType:
      reader.refuse(path.key(key), .wrongType(got: reader.describe(value), expected: expected))
    case .outOfRange:
      reader.refuse(path.key(key), .outOfRange(got: reader.describe(value), expected: expected))
    }
    return standard
  }

  private static func short(_ number: Double) -> String {
    number == number.rounded() ? "\(Int(number))" : "\(number)"
  }
}
