import Foundation
package import SystemPackage

/// The lines of a UTF-8 text file with their numbers.
///
/// Lines end in `\n` or `\r\n`; a byte order mark at the start and the emptiness after the last line end are dropped.
package struct TextLines: Sendable {
  package let file: FilePath
  /// Line `i` of the file is `lines[i - 1]`.
  package let lines: [String]

  /// Reads the whole file. Throws `EvaluationError` with the line that is not UTF-8.
  package init(contentsOf file: FilePath) throws {
    let data: Data
    do {
      data = try Data(contentsOf: URL(filePath: file.string))
    } catch {
      let reason = (error as NSError).userInfo[NSUnderlyingErrorKey].map { "\($0)" } ?? error.localizedDescription
      throw EvaluationError.unreadable(file: file, reason: reason)
    }
    try self.init(data, file: file)
  }

  /// The lines of `bytes`; `file` is for error messages.
  package init(_ bytes: some BidirectionalCollection<UInt8>, file: FilePath) throws(EvaluationError) {
    self.file = file
    var lines: [String] = []
    for piece in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      let line = piece.last == UInt8(ascii: "\r") ? piece.dropLast() : piece
      guard let text = String(validating: line, as: UTF8.self) else {
        throw .malformed(
          file: file, line: lines.count + 1, got: String(decoding: line, as: UTF8.self), expected: "UTF-8 text")
      }
      lines.append(text)
    }
    if lines.first?.unicodeScalars.first == "\u{FEFF}" { lines[0].unicodeScalars.removeFirst() }
    if lines.last == "" { lines.removeLast() }
    self.lines = lines
  }

  /// The complaint about line `number` (from 1).
  func malformed(_ number: Int, expected: String) -> EvaluationError {
    .malformed(file: file, line: number, got: lines[number - 1], expected: expected)
  }
}
