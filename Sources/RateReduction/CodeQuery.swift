import CCodeKernels
import Glibc

/// A query made ready for scanning codes of one format: its numbers as integers of 14 bits, and the tables that the
/// kernels of that format's layout work with.
///
/// Rounding the query so moves a score by less than 1e-4 of its range (a test measures it); what is won is that sums are
/// exact, and every kernel gives the same bits.
package struct CodeQuery: Sendable {
  package let format: CodeFormat
  /// Taken from a row's sum of products of stored values: what their offset added.
  package let bias: Int32
  /// What turns an integer back into a number.
  package let scale: Float
  private let tables: Tables

  private static let largest: Float = 8191

  private enum Tables {
    case rows(RowQuery)
    case columns(ColumnQuery)
  }

  /// For codes of a quantizer: `row` is rotated already. Components that are not finite count as 0.
  package init(rotated row: [Float], format: CodeFormat) {
    precondition(row.count == format.dimensions, "a query of \(row.count) for \(format)")
    self.format = format
    let magnitude = row.reduce(Float(0)) { $1.isFinite ? max($0, abs($1)) : $0 }
    scale = magnitude / Self.largest
    let integers = row.map { component in
      component.isFinite && magnitude > 0 ? Int((component / magnitude * Self.largest).rounded()) : 0
    }
    bias = Int32((format.doubledOffset * integers.reduce(0, +)) >> 1)
    tables =
      format.standsInColumns
      ? .columns(ColumnQuery(integers, format: format)) : .rows(RowQuery(integers, format: format))
  }

  /// For source vectors: scores are cosines where `row` is a unit row.
  package init(source row: [Float]) {
    self.init(rotated: row, format: .source(dimensions: row.count))
  }

  /// The query as `CCodeKernels` wants it, for as long as `body` runs.
  func withNative<Result>(_ body: (fumi_code_query) throws -> Result) rethrows -> Result {
    var native = fumi_code_query()
    native.bits = Int32(format.bits)
    native.bytes = format.bytesPerCode
    native.bias = bias
    native.scale = scale
    switch tables {
    case .rows(let tables): return try tables.with(&native, body)
    case .columns(let tables): return try tables.with(&native, body)
    }
  }

  /// Each query as `CCodeKernels` wants it, for as long as `body` runs.
  static func withNatives<Result>(
    _ queries: [CodeQuery], _ body: ([fumi_code_query]) throws -> Result
  ) rethrows -> Result {
    func next(_ rest: ArraySlice<CodeQuery>, _ natives: [fumi_code_query]) throws -> Result {
      guard let query = rest.first else { return try body(natives) }
      return try query.withNative { try next(rest.dropFirst(), natives + [$0]) }
    }
    return try next(queries[...], [])
  }
}
