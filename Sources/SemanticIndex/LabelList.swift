import Foundation
import Logging
package import SystemPackage

/// Which paths have which label, as an administrator wrote it down.
///
/// Lines of label, tab, absolute path of a file or a folder below a share; of several that hold for a file the longest
/// path counts. Empty lines, and lines that begin with `#`, say nothing. What cannot be used is told in ``problems``, and
/// the other lines count.
package struct LabelList: Sendable, Equatable {
  /// The label of each path.
  package private(set) var labels: [FilePath: String] = [:]
  /// A sentence each, with the file and the line.
  package private(set) var problems: [String] = []

  /// Larger files are not read.
  private static let largestFile = 64 << 20

  /// - Parameter shares: the roots that paths must be below.
  package init(file: FilePath, shares: [FilePath]) {
    var (bytes, problem): (Data, String?) = (Data(), nil)
    do {
      let size = try FileManager.default.attributesOfItem(atPath: file.string)[.size] as? Int ?? 0
      if size <= Self.largestFile {
        bytes = try Data(contentsOf: URL(filePath: file.string))
      } else {
        problem = "got \(size) bytes, expected a list of labels of at most \(Self.largestFile)"
      }
    } catch {
      problem = (error as NSError).userInfo[NSUnderlyingErrorKey].map { "\($0)" } ?? error.localizedDescription
    }
    self.init(bytes, file: file, shares: shares)
    if let problem { problems = ["\(file): no labels are used: \(problem)"] }
  }

  /// The labels that `bytes` give; `file` is what problems name.
  package init(_ bytes: some Collection<UInt8>, file: FilePath, shares: [FilePath]) {
    var firstLine: [FilePath: Int] = [:]
    for (index, line) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
      let number = index + 1
      func refuse(_ got: String, expected: String) {
        problems.append("\(file):\(number): got \(got), expected \(expected): the line is left out")
      }
      guard var text = String(validating: line, as: UTF8.self) else {
        refuse("bytes that are not UTF-8", expected: "UTF-8 text")
        continue
      }
      if text.hasPrefix("\u{FEFF}"), index == 0 { text.removeFirst() }
      if text.unicodeScalars.last == "\r" { text.unicodeScalars.removeLast() }
      if text.hasPrefix("#") || text.allSatisfy(\.isWhitespace) { continue }
      let fields = text.split(separator: "\t", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      let label = fields[0].trimmingCharacters(in: .whitespaces)
      guard fields.count == 2, !label.isEmpty else {
        refuse("“\(text)”", expected: "a label, a tab and a path")
        continue
      }
      let path = FilePath(fields[1].trimmingCharacters(in: .whitespaces)).lexicallyNormalized()
      guard path.isAbsolute else {
        refuse("the path “\(fields[1])”", expected: "an absolute path")
        continue
      }
      guard shares.contains(where: { path.starts(with: $0) }) else {
        let known = shares.map(\.string).sorted().joined(separator: ", ")
        refuse("\(path)", expected: "a path in a share (\(known))")
        continue
      }
      if let first = firstLine[path], labels[path] != label {
        refuse("\(path) a second time", expected: "one label a path: line \(first) says “\(labels[path]!)”")
        continue
      }
      firstLine[path] = number
      labels[path] = label
    }
  }

  /// Problems that are told one by one.
  private static let mostTold = 20

  /// Warns of the problems, of many of them of the first.
  func report(to logger: Logger) {
    for problem in problems.prefix(Self.mostTold) { logger.warning("\(problem)") }
    let rest = problems.count - Self.mostTold
    if rest > 0 { logger.warning("… and \(rest) more lines like these") }
  }

  /// The label of a file, by the longest path that holds for it.
  package func label(of file: FilePath) -> String? {
    var path = file
    while true {
      if let label = labels[path] { return label }
      guard path.removeLastComponent() else { return nil }
    }
  }
}
