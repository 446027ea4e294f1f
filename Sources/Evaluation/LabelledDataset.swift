package import SystemPackage

/// Texts with a class each: a line is label, tab, text.
package struct LabelledDataset: Sendable {
  /// The file's name without `.tsv`.
  package let name: String
  package let labels: [String]
  package let texts: [String]

  package init(file: FilePath) throws {
    let lines = try TextLines(contentsOf: file)
    let base = file.lastComponent?.string ?? file.string
    name = base.hasSuffix(".tsv") ? String(base.dropLast(4)) : base
    var labels: [String] = []
    var texts: [String] = []
    for (index, line) in lines.lines.enumerated() {
      let fields = line.split(separator: "\t", maxSplits: 1, omittingEmptySubsequences: false)
      guard fields.count == 2, !fields[0].isEmpty else {
        throw lines.malformed(index + 1, expected: "a label, tab, text")
      }
      labels.append(String(fields[0]))
      texts.append(String(fields[1]))
    }
    if labels.isEmpty { throw EvaluationError.empty(file: file, expected: "a label, tab, text a line") }
    self.labels = labels
    self.texts = texts
  }
}
