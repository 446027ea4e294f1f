package import LinuxSystem

/// Why the server cannot begin.
package enum ServerError: Error, CustomStringConvertible {
  case socketInUse(path: String)
  case notASocket(path: String)
  case pathTooLong(path: String, bytes: Int, limit: Int)
  case notListening(descriptor: CInt, reason: String)
  case system(LinuxError)
  case alreadyStarted

  package var description: String {
    switch self {
    case .socketInUse(let path): "another daemon answers on \(path): stop it first, or choose another socket"
    case .notASocket(let path): "\(path) is not a socket: it is left alone; remove it or choose another path"
    case .pathTooLong(let path, let bytes, let limit):
      "the socket path \(path) has \(bytes) bytes, expected at most \(limit)"
    case .notListening(let descriptor, let reason):
      "descriptor \(descriptor) is not a listening Unix stream socket: \(reason)"
    case .system(let error): error.description
    case .alreadyStarted: "the server has been started before"
    }
  }
}
