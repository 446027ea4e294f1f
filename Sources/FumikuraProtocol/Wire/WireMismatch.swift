/// Why a JSON value is not the message it should be.
package enum WireMismatch: Error, Hashable, CustomStringConvertible {
  case unknownName(place: String, known: [String])
  case missing(place: String, expected: String)
  case wrongValue(place: String, got: String, expected: String)
  case notExactlyOne(of: [String], given: [String])

  /// The parameter's name, dotted and indexed where it is inside another.
  package var place: String {
    switch self {
    case .unknownName(let place, _), .missing(let place, _), .wrongValue(let place, _, _): place
    case .notExactlyOne(let names, let given): given.first ?? names.first ?? ""
    }
  }

  package var description: String {
    switch self {
    case .unknownName(let place, _): "unknown parameter \"\(place)\""
    case .missing(let place, let expected): "missing parameter \"\(place)\": expected \(expected)"
    case .wrongValue(let place, let got, let expected): "parameter \"\(place)\": got \(got), expected \(expected)"
    case .notExactlyOne(let names, let given):
      "got \(given.isEmpty ? "none" : given.joined(separator: " and ")) of the parameters "
        + "\(names.joined(separator: ", ")), expected exactly one"
    }
  }

  /// What to try instead, where that can be told.
  package var hint: String? {
    guard case .unknownName(let place, let known) = self else { return nil }
    if known.isEmpty { return "this method takes no parameters" }
    let last = place.split(separator: ".").last.map(String.init) ?? place
    let near = SimilarNames.nearest(to: last, among: known)
    return "did you mean \(near.joined(separator: ", "))? known are: \(known.joined(separator: ", "))"
  }
}
