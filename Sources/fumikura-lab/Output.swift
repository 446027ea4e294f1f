import Foundation
import Glibc

/// Writing to a person's terminal and to programs.
enum Output {
  /// One JSON value a line on standard output, keys sorted, so that the text is stable.
  static func json(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var line = try encoder.encode(value)
    line.append(UInt8(ascii: "\n"))
    try write(line)
  }

  /// A line of text on standard output.
  static func line(_ text: String) throws { try write(Data("\(text)\n".utf8)) }

  /// Columns as wide as their widest cell; numbers (all but the first `left` columns) to the right.
  static func table(header: [String], rows: [[String]], left: Int = 1) throws {
    let widths = header.indices.map { column in ([header] + rows).map { $0[column].count }.max() ?? 0 }
    for row in [header] + rows {
      let cells = row.enumerated().map { column, cell in
        let padding = String(repeating: " ", count: widths[column] - cell.count)
        return column < left ? cell + padding : padding + cell
      }
      let text = cells.joined(separator: "  ")
      try line(String(text.reversed().drop { $0 == " " }.reversed()))
    }
  }

  /// A remark for the person, on standard error.
  static func remark(_ text: String) {
    // Where standard error is closed there is nobody to tell.
    try? FileHandle.standardError.write(contentsOf: Data("\(text)\n".utf8))
  }

  /// Bytes on standard output.
  static func write(_ bytes: Data) throws { try FileHandle.standardOutput.write(contentsOf: bytes) }
}
