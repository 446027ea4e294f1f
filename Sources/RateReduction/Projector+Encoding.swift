import LinearAlgebra
package import LinuxSystem

extension Projector {
  private static let magic = "FUMIPROJ"
  private static let version: UInt32 = 1
  /// More than any encoder's width, and little enough that a damaged count cannot ask for much memory.
  private static let largestDimension = 65_536

  /// The projector as bytes: "FUMIPROJ", version, D, d, hidden (0: linear), rotation seed, then L, b, W₁, b₁, W₂, b₂ as
  /// little-endian float32, and the SHA-256 of all before it.
  package func encoded() -> [UInt8] {
    var writer = ByteWriter(magic: Self.magic, version: Self.version)
    writer.append(UInt32(inputDimensions))
    writer.append(UInt32(outputDimensions))
    writer.append(UInt32(residual?.inner.rows ?? 0))
    writer.append(rotationSeed)
    writer.append(linear.values)
    writer.append(bias)
    if let residual {
      writer.append(residual.inner.values)
      writer.append(residual.innerBias)
      writer.append(residual.outer.values)
      writer.append(residual.outerBias)
    }
    return writer.finish()
  }

  /// Reads ``encoded()`` back, exactly.
  ///
  /// - Throws: ``RateReductionError/malformed(what:got:expected:)`` for anything that it did not write.
  package init(encoded bytes: [UInt8]) throws {
    let what = "the projector"
    var reader = try ByteReader(bytes, what: what, magic: Self.magic, version: Self.version)
    let input = try reader.count(limit: Self.largestDimension)
    let output = try reader.count(limit: Self.largestDimension)
    let hidden = try reader.count(limit: Self.largestDimension)
    guard input > 0, output > 0 else {
      throw RateReductionError.malformed(what: what, got: "\(input) → \(output) dimensions", expected: "1 or more")
    }
    let seed = try reader.number(UInt64.self)
    let linear = try reader.matrix(rows: output, columns: input)
    let bias = try reader.floats(output)
    var residual: Residual?
    if hidden > 0 {
      residual = Residual(
        inner: try reader.matrix(rows: hidden, columns: input), innerBias: try reader.floats(hidden),
        outer: try reader.matrix(rows: output, columns: hidden), outerBias: try reader.floats(output))
    }
    try reader.finish()
    self.init(linear: linear, bias: bias, residual: residual, rotationSeed: seed)
  }

  /// What names this projector: the digest of its bytes.
  package var digest: SHA256Digest { SHA256Digest(of: encoded()) }
}
