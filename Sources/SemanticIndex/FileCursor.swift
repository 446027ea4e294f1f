/// Where a listing of files goes on: among the known files, or among the paths that wait.
enum FileCursor: CustomStringConvertible {
  case rows(after: Int64?)
  case jobs(share: Int64, after: Int64?)

  /// Reads what `description` gave; nil begins.
  init(_ text: String?) throws(InvalidCursor) {
    guard let text else {
      self = .rows(after: nil)
      return
    }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    switch (parts.first, parts.count) {
    case ("file", 2):
      guard let id = Int64(parts[1]) else { throw InvalidCursor(got: text) }
      self = .rows(after: id)
    case ("waiting", 3):
      guard let share = Int64(parts[1]), let id = Int64(parts[2]) else { throw InvalidCursor(got: text) }
      self = .jobs(share: share, after: id)
    default: throw InvalidCursor(got: text)
    }
  }

  var description: String {
    switch self {
    case .rows(let after): "file:\(after ?? 0)"
    case .jobs(let share, let after): "waiting:\(share):\(after ?? 0)"
    }
  }
}

/// A cursor that no page gave.
package struct InvalidCursor: Error, CustomStringConvertible {
  package let got: String
  package var description: String { "\"\(got)\" is no cursor: expected the next_cursor of a page before" }
}
