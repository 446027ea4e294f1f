package import SystemPackage

/// Why something cannot be measured: of a data set always with the file, and where there is one, the line.
package enum EvaluationError: Error, Equatable, CustomStringConvertible {
  /// A file could not be read at all.
  case unreadable(file: FilePath, reason: String)
  /// One line is not what the format says. Lines count from 1; `got` is quoted and cut at 80 characters.
  case malformed(file: FilePath, line: Int, got: String, expected: String)
  /// A file that must hold something holds nothing.
  case empty(file: FilePath, expected: String)
  /// A way of making vectors small cannot be had for these rows.
  case unusable(what: String, got: String, expected: String)

  package var description: String {
    switch self {
    case .unreadable(let file, let reason): "\(file): cannot be read: \(reason)"
    case .malformed(let file, let line, let got, let expected):
      "\(file):\(line): got \(Self.quoted(got)), expected \(expected)"
    case .empty(let file, let expected): "\(file): holds nothing, expected \(expected)"
    case .unusable(let what, let got, let expected): "\(what): got \(got), expected \(expected)"
    }
  }

  private static func quoted(_ text: String) -> String {
    text.count > 80 ? "“\(text.prefix(80))…”" : "“\(text)”"
  }
}
