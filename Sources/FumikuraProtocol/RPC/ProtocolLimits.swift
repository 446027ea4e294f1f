/// Sizes that both sides count with.
package enum ProtocolLimits {
  /// Bytes of a request's line, without its newline.
  package static let requestBytes = 1 << 20
  /// Bytes of a reply's line, without its newline.
  package static let replyBytes = 16 << 20
  /// Requests of one batch.
  package static let batch = 64
}
