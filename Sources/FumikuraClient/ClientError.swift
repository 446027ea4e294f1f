package import FumikuraProtocol

/// Why a call has no result.
package enum ClientError: Error, CustomStringConvertible {
  /// There is nothing at the path.
  case noSocket(path: String)
  /// A socket is there and nobody answers on it.
  case nobodyAnswers(path: String)
  /// The caller may not connect; `group` is the socket's group, whose members may.
  case notAllowed(path: String, group: String?)
  case pathTooLong(path: String, limit: Int)
  case system(call: String, code: CInt)
  /// The daemon closed the connection in the middle.
  case disconnected
  /// Nothing came for so long.
  case timeout(Duration)
  /// What came is not the protocol.
  case badReply(String)
  /// The daemon answered with an error.
  case service(ServiceError)

  package var description: String {
    switch self {
    case .noSocket(let path): "no daemon: there is no socket at \(path)"
    case .nobodyAnswers(let path): "no daemon: nobody answers on \(path)"
    case .notAllowed(let path, _): "permission denied: you may not connect to \(path)"
    case .pathTooLong(let path, let limit): "the socket path \(path) is longer than \(limit) bytes"
    case .system(let call, let code): "\(call) failed: \(Self.words(for: code))"
    case .disconnected: "the daemon closed the connection"
    case .timeout(let duration): "the daemon sent nothing for \(duration)"
    case .badReply(let what): "the daemon's reply is not understood: \(what)"
    case .service(let error): error.message
    }
  }

  /// What to do about it.
  package var hint: String? {
    switch self {
    case .noSocket, .nobodyAnswers:
      "start it with: systemctl start fumikurad; another socket is named with --socket or FUMIKURA_SOCKET"
    case .notAllowed(_, let group?):
      "ask to be added to the group \"\(group)\" (usermod -aG \(group) YOU), then log in again"
    case .notAllowed(_, nil): "ask the administrator for access to the socket"
    case .disconnected: "the daemon may have been stopped; its log says: journalctl -u fumikurad"
    case .timeout: "the daemon is overloaded or hangs; its log says: journalctl -u fumikurad"
    case .service(let error):
      error.retryAfter.map { "try again in \($0)" } ?? error.hint
    case .pathTooLong, .system, .badReply: nil
    }
  }
}
