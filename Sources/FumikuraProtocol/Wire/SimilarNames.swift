/// Finds the names somebody may have meant.
package enum SimilarNames {
  /// Up to three of `names`, nearest first by the number of edits (Levenshtein 1966), a shared beginning or a shared
  /// last part first among equals.
  package static func nearest(to name: String, among names: [String]) -> [String] {
    let wanted = Array(name.utf8.prefix(64))
    let ranked = names.map { candidate in
      let bytes = Array(candidate.utf8)
      let edits = distance(wanted, bytes)
      let tail = candidate.split(separator: ".").last.map { $0.utf8.elementsEqual(wanted) } ?? false
      return (candidate, tail ? 0 : edits)
    }
    return Array(ranked.sorted { ($0.1, $0.0) < ($1.1, $1.0) }.prefix(3).map(\.0))
  }

  private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var row = Array(0...right.count)
    for (i, a) in left.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, b) in right.enumerated() {
        let substituted = diagonal + (a == b ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(substituted, row[j] + 1, row[j + 1] + 1)
      }
    }
    return row[right.count]
  }
}
