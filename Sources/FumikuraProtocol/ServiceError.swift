/// Why a call failed, as the caller is told: a JSON-RPC error with `data {kind, retryable, retry_after_ms, hint}`.
package struct ServiceError: Error, Hashable, CustomStringConvertible {
  /// JSON-RPC's number: −32768…−32000 are reserved, of which −32099…−32000 are the server's own.
  package var code: Int
  /// A stable word for programs.
  package var kind: String
  /// What was got and what was expected, for people.
  package var message: String
  /// Whether the same call may succeed later.
  package var retryable: Bool
  package var retryAfter: Duration?
  /// What to do about it.
  package var hint: String?
  /// The parameter at fault.
  package var parameter: String?
  /// The byte at fault, for text that is not JSON.
  package var position: Int?

  package init(
    code: Int, kind: String, message: String, retryable: Bool = false, retryAfter: Duration? = nil,
    hint: String? = nil, parameter: String? = nil, position: Int? = nil
  ) {
    self.code = code
    self.kind = kind
    self.message = message
    self.retryable = retryable
    self.retryAfter = retryAfter
    self.hint = hint
    self.parameter = parameter
    self.position = position
  }

  package var description: String { "\(kind) (\(code)): \(message)" }
}

extension ServiceError {
  /// Too much at once.
  package static func busy(_ message: String, retryAfter: Duration) -> ServiceError {
    ServiceError(code: -32001, kind: "busy", message: message, retryable: true, retryAfter: retryAfter)
  }

  /// The daemon cannot answer this yet or for now: the model is still loading, a share is offline.
  package static func unavailable(_ message: String, retryAfter: Duration? = nil, hint: String? = nil) -> ServiceError {
    ServiceError(
      code: -32002, kind: "unavailable", message: message, retryable: true, retryAfter: retryAfter, hint: hint)
  }

  package static func forbidden(_ message: String, hint: String? = nil) -> ServiceError {
    ServiceError(code: -32003, kind: "forbidden", message: message, hint: hint)
  }

  /// No such file, passage or share, as far as this caller may know.
  package static func notFound(_ message: String, hint: String? = nil, parameter: String? = nil) -> ServiceError {
    ServiceError(code: -32004, kind: "not_found", message: message, hint: hint, parameter: parameter)
  }

  package static func timeout(_ message: String, hint: String? = nil) -> ServiceError {
    ServiceError(code: -32005, kind: "timeout", message: message, retryable: true, hint: hint)
  }

  package static func replyTooLarge(bytes: Int) -> ServiceError {
    ServiceError(
      code: -32006, kind: "reply_too_large",
      message: "the reply has \(bytes) bytes, expected at most \(ProtocolLimits.replyBytes)",
      hint: "ask for less: a smaller limit, or fewer requests in one batch")
  }

  /// LSP's number for a call that `$/cancelRequest` ended.
  package static let cancelled = ServiceError(code: -32800, kind: "cancelled", message: "the call was cancelled")

  /// A parameter whose shape is right and whose value is not, such as a share's name that is not configured.
  package static func invalidParameter(_ name: String, _ message: String, hint: String? = nil) -> ServiceError {
    ServiceError(code: -32602, kind: "invalid_params", message: message, hint: hint, parameter: name)
  }

  package static func invalidParameters(_ mismatch: WireMismatch) -> ServiceError {
    ServiceError(
      code: -32602, kind: "invalid_params", message: mismatch.description, hint: mismatch.hint,
      parameter: mismatch.place)
  }

  package static func unknownMethod(_ name: String, known: [String]) -> ServiceError {
    let near = SimilarNames.nearest(to: name, among: known)
    return ServiceError(
      code: -32601, kind: "unknown_method", message: "unknown method \(JSON.string(name).summary)",
      hint: "did you mean \(near.joined(separator: ", "))? rpc.discover lists all methods")
  }

  package static func invalidRequest(_ message: String, kind: String = "invalid_request") -> ServiceError {
    ServiceError(code: -32600, kind: kind, message: message)
  }

  package static func parseError(_ error: JSONSyntaxError) -> ServiceError {
    ServiceError(
      code: -32700, kind: "parse_error", message: "not JSON: \(error.description)", position: error.position)
  }

  /// Something broke inside; the words are for the daemon's log alone.
  package static let internalError = ServiceError(
    code: -32603, kind: "internal", message: "internal error", hint: "the daemon's log has the details")
}
