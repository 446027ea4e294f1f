/// How the rows of a corpus are kept after a projector, for ``CompressedRows``.
package enum RowCode: Sendable, Hashable {
  /// The projector's float32 output.
  case float
  /// Codes of so many bits a dimension, as the product keeps them.
  case grid(bits: Int)
  /// int8 with a scale each, as source vectors are kept.
  case source
  /// Codes of optimised product quantisation, of so many bytes a row.
  case product(bytes: Int, seed: UInt64)
}
