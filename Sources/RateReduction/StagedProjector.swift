package import LinearAlgebra

/// Two stages of search over one corpus: small codes that are all scanned, and wider ones by which the best of them are
/// ranked again.
///
/// A row of both is kept as one run of bytes, the scanned code first: ``bytesPerRow``.
package struct StagedProjector: Sendable, Equatable {
  package let scanned: CodedProjector
  /// Nil where the scanned codes rank as well as wider ones would.
  package let wide: CodedProjector?

  /// The width that rescoring was measured to be best with, and its bits: 128 bytes a row (MCR² recipe, §2).
  package static let wideDimensions = 256
  package static let wideBits = 4

  /// - Precondition: both take source vectors of the same width.
  package init(scanned: CodedProjector, wide: CodedProjector?) {
    if let wide { precondition(wide.projector.inputDimensions == scanned.projector.inputDimensions) }
    self.scanned = scanned
    self.wide = wide
  }

  /// The format of the second stage beside codes of `format`, for source vectors of `width`; nil where it would have no
  /// more bytes than they have.
  package static func wideFormat(beside format: CodeFormat, width: Int) -> CodeFormat? {
    let wide = CodeFormat(dimensions: min(wideDimensions, width), bits: wideBits)
    return wide.bytesPerCode > format.bytesPerCode ? wide : nil
  }

  package var bytesPerRow: Int { scanned.format.bytesPerCode + (wide?.format.bytesPerCode ?? 0) }

  /// The bytes of n × D source vectors, `bytesPerRow` each.
  package func codes(of rows: Matrix) -> [[UInt8]] {
    let narrow = scanned.codes(of: rows)
    let broad = wide?.codes(of: rows) ?? []
    let (narrowWidth, broadWidth) = (scanned.format.bytesPerCode, wide?.format.bytesPerCode ?? 0)
    return (0..<rows.rows).map { row in
      Array(narrow[row * narrowWidth..<(row + 1) * narrowWidth]) + broad[row * broadWidth..<(row + 1) * broadWidth]
    }
  }

  /// How many of the best scanned codes are worth ranking again, so that 99 of 100 of the true ten best are among them:
  /// 1,000 at 16 bytes, 400 at 32, 200 above, for a million rows; a code that finds its neighbours among fewer needs no
  /// more than all of them (MCR² recipe, “Two stages at scale”).
  package static func candidates(forBytes bytes: Int) -> Int {
    switch bytes {
    case ...16: 1000
    case ...32: 400
    default: 200
    }
  }

  private static let magic = "FUMISTAG"
  private static let version: UInt32 = 1

  /// The projectors as bytes: that of the scanned codes alone where there is no other (see ``Projector/encoded()``),
  /// else "FUMISTAG", version, and both, each with its length before it, and the SHA-256 of all before it.
  package var encodedProjectors: [UInt8] {
    Self.encoded(scanned.projector.encoded(), wide?.projector.encoded())
  }

  /// The quantisers, in the same way.
  package var encodedQuantizers: [UInt8] {
    Self.encoded(scanned.quantizer.encoded(), wide?.quantizer.encoded())
  }

  private static func encoded(_ first: [UInt8], _ second: [UInt8]?) -> [UInt8] {
    guard let second else { return first }
    var writer = ByteWriter(magic: magic, version: version)
    for part in [first, second] { writer.append(part) }
    return writer.finish()
  }

  /// Reads ``encodedProjectors`` and ``encodedQuantizers`` back.
  ///
  /// - Throws: ``RateReductionError/malformed(what:got:expected:)`` for anything that they did not write, and where the
  ///   projectors and the quantisers do not belong together.
  package init(encodedProjectors: [UInt8], encodedQuantizers: [UInt8]) throws {
    let projectors = try Self.parts(encodedProjectors, "the projectors").map { try Projector(encoded: $0) }
    let quantizers = try Self.parts(encodedQuantizers, "the quantisers").map { try CodeQuantizer(encoded: $0) }
    guard projectors.map(\.outputDimensions) == quantizers.map(\.format.dimensions),
      Set(projectors.map(\.inputDimensions)).count == 1
    else {
      throw RateReductionError.malformed(
        what: "the projectors",
        got: "\(projectors.map { "\($0.inputDimensions) → \($0.outputDimensions)" }) dimensions",
        expected: "one input, and outputs as the quantisers have them: \(quantizers.map(\.format.dimensions))")
    }
    let stages = zip(projectors, quantizers).map { CodedProjector(projector: $0, quantizer: $1) }
    self.init(scanned: stages[0], wide: stages.count > 1 ? stages[1] : nil)
  }

  private static func parts(_ bytes: [UInt8], _ what: String) throws -> [[UInt8]] {
    guard bytes.starts(with: magic.utf8) else { return [bytes] }
    var reader = try ByteReader(bytes, what: what, magic: magic, version: version)
    let parts = [try reader.bytes(), try reader.bytes()]
    try reader.finish()
    return parts
  }
}
