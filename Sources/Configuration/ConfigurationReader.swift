import SystemPackage
import TOMLKit

/// Reads a TOML document key by key, remembers which keys were asked for, and collects what is wrong.
///
/// What the configuration knows is said once, by reading it: a key nobody asked for is an unknown key, and reading an
/// empty document yields the list of all keys with their defaults.
final class ConfigurationReader {
  let file: FilePath
  private let document: TOMLTable
  private let lines: KeyLines
  private(set) var problems: [ConfigurationProblem] = []
  private(set) var known: [KnownKey] = []
  private var knownTables: [String] = []

  /// Parses the text; throws where it is not TOML.
  init(text: String, file: FilePath) throws(ConfigurationError) {
    self.file = file
    func refusal(line: Int?, _ reason: String) -> ConfigurationError {
      ConfigurationError(problems: [
        ConfigurationProblem(file: file, line: line, key: nil, kind: .syntax(reason: reason))
      ])
    }
    // The library takes the text as a C string.
    if let nul = text.utf8.firstIndex(of: 0) {
      throw refusal(line: 1 + text.utf8[..<nul].count { $0 == UInt8(ascii: "\n") }, "a NUL byte")
    }
    do {
      document = try TOMLTable(string: text)
    } catch let error as TOMLParseError {
      throw refusal(line: error.source.begin.line, "\(error.description) (column \(error.source.begin.column))")
    } catch {
      throw refusal(line: nil, "\(error)")
    }
    lines = KeyLines(of: text)
    if let line = lines.linesWithEscapedNul.first { throw refusal(line: line, "an escaped NUL character in a string") }
  }

  /// The table `[name]`, or one that holds nothing where the document has none.
  func table(_ name: String) -> TableReader {
    knownTables.append(name)
    let path = ConfigurationKeyPath().key(name)
    guard let value = document[name] else { return TableReader(reader: self, table: nil, name: name, path: path) }
    if value.table == nil { refuse(path, .wrongType(got: describe(value), expected: "a table: [\(name)]")) }
    return TableReader(reader: self, table: value.table, name: name, path: path)
  }

  /// The tables `[[name]]`. At least one reader is given even where there is none, so that the keys become known; its
  /// `isPresent` is false.
  func tables(_ name: String) -> [TableReader] {
    knownTables.append(name)
    let path = ConfigurationKeyPath().key(name)
    let nothing = [TableReader(reader: self, table: nil, name: name, path: path)]
    guard let value = document[name] else { return nothing }
    guard let array = value.array else {
      refuse(path, .wrongType(got: describe(value), expected: "an array of tables: [[\(name)]]"))
      return nothing
    }
    let readers: [TableReader] = (0..<array.count).compactMap { index in
      let element = path.element(index)
      guard let table = array[index].table else {
        refuse(element, .wrongType(got: describe(array[index]), expected: "a table: [[\(name)]]"))
        return nil
      }
      return TableReader(reader: self, table: table, name: name, path: element)
    }
    return readers.isEmpty ? nothing : readers
  }

  /// Notes a key that nobody asked for; `finish` refuses it, once all keys are known that it might have been.
  func noteUnknown(_ name: String, in table: String, at path: ConfigurationKeyPath) {
    unknown.append((path.key(name), table, name))
  }
  private var unknown: [(path: ConfigurationKeyPath, table: String, name: String)] = []

  /// Refuses the tables and keys that nobody asked for. Call it once all were read.
  func finish() {
    for name in document.keys where !knownTables.contains(name) {
      let home = known.first { $0.name == name }?.fullName
      refuse(
        ConfigurationKeyPath().key(name), .unknownKey(suggestion: home ?? nearest(to: name, among: knownTables)))
    }
    for (path, table, name) in unknown {
      let home = known.first { $0.name == name }?.fullName
      let sibling = nearest(to: name, among: known.filter { $0.table == table })
      refuse(path, .unknownKey(suggestion: home ?? sibling ?? nearest(to: name, among: known)))
    }
    problems.sort { ($0.line ?? 0, $0.key ?? "") < ($1.line ?? 0, $1.key ?? "") }
  }

  func learn(_ key: KnownKey) {
    if !known.contains(key) { known.append(key) }
  }

  func refuse(_ path: ConfigurationKeyPath, _ kind: ConfigurationProblem.Kind) {
    problems.append(ConfigurationProblem(file: file, line: line(of: path), key: path.description, kind: kind))
  }

  /// The line of a key, else that of the table it would stand in.
  private func line(of path: ConfigurationKeyPath) -> Int? {
    var components = path.components[...]
    while !components.isEmpty {
      let prefix = components.reduce(ConfigurationKeyPath()) { $0.appending($1) }
      if let line = lines[prefix] { return line }
      components.removeLast()
    }
    return nil
  }

  private func nearest(to name: String, among keys: [KnownKey]) -> String? {
    nearest(to: name, among: keys.map(\.name)).flatMap { match in keys.first { $0.name == match }?.fullName }
  }

  private func nearest(to name: String, among candidates: [String]) -> String? {
    let distances = candidates.map { (candidate: $0, distance: editDistance(name, $0)) }
    guard let best = distances.min(by: { $0.distance < $1.distance }) else { return nil }
    return best.distance <= max(1, best.candidate.count / 3) ? best.candidate : nil
  }

  /// A value as people write it, cut where it is long.
  func describe(_ value: any TOMLValueConvertible) -> String {
    let text =
      switch value.type {
      case .string: String(reflecting: value.string ?? "")  // the library changes what debugDescription is
      case .bool: value.bool.map { "\($0)" } ?? ""
      case .int: value.int.map { "\($0)" } ?? ""
      case .double: value.double.map { "\($0)" } ?? ""
      case .table: "a table"
      case .array: "an array"
      case .date, .time, .dateTime: "a date or time"
      }
    return text.count <= 80 ? text : text.prefix(80) + "…"
  }
}
