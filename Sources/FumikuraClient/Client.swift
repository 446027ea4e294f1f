package import FumikuraProtocol
import Glibc

/// A connection to the daemon: one call at a time, each waited for.
///
/// ```swift
/// let client = try Client(socket: "/run/fumikura/fumikura.sock")
/// let reply = try client.call(.search, SearchParameters(query: "the lease of the harbour office"))
/// ```
///
/// Not for several threads at once: each opens its own.
package final class Client {
  /// Where the daemon listens unless something else is said.
  package static let defaultSocket = "/run/fumikura/fumikura.sock"
  private static let replyLimit = ProtocolLimits.replyBytes + 1

  /// The connected socket, for `poll`; it stays the client's.
  package let descriptor: CInt
  private let patience: Duration?
  private var received: [UInt8] = []
  /// How much of `received` is known to hold no newline.
  private var searched = 0
  private var lastID = 0

  /// Connects.
  /// - Parameter patience: how long one read waits for bytes; nil for as long as it takes.
  package init(socket path: String, patience: Duration? = nil) throws(ClientError) {
    descriptor = try Self.connect(path)
    self.patience = patience
    if let patience {
      let (seconds, attoseconds) = patience.components
      var limit = timeval(tv_sec: Int(seconds), tv_usec: Int(attoseconds / 1_000_000_000_000))
      setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }
  }

  deinit { close(descriptor) }

  /// Calls a method and waits for its reply.
  /// - Parameter progress: told of `$/progress`, where the parameters ask for it.
  package func call<Parameters: WireObject, Reply: WireObject>(
    _ procedure: Procedure<Parameters, Reply>, _ parameters: Parameters,
    progress: (ProgressParameters) -> Void = { _ in }
  ) throws(ClientError) -> Reply {
    try Self.decode(try call(procedure.name, parameters.json, progress: progress))
  }

  /// Calls a method by its name and gives the result as it came.
  package func call(
    _ method: String, _ parameters: JSON, progress: (ProgressParameters) -> Void = { _ in }
  ) throws(ClientError) -> JSON {
    lastID += 1
    let id = JSON.integer(lastID)
    let request: JSON = ["jsonrpc": "2.0", "id": id, "method": .string(method), "params": parameters]
    do throws(ClientError) {
      try send(line: request.encoded)
    } catch .disconnected {
      // The daemon says why it closes before it does.
    }
    while true {
      let message = try Self.read(try receiveLine())
      if message["method"] == "$/progress", let parameters = message["params"] {
        progress(try Self.decode(parameters))
        continue
      }
      // An error without an id is about the connection, such as a line that is too long.
      guard message["id"] == id || message["id"] == .null && message["error"] != nil else { continue }
      if let error = message["error"] { throw .service(ServiceError(json: error)) }
      guard let result = message["result"] else { throw .badReply("neither a result nor an error") }
      return result
    }
  }

  /// The message of a result that `call` gave.
  package static func decode<Reply: WireObject>(_ json: JSON) throws(ClientError) -> Reply {
    do throws(WireMismatch) {
      return try Reply.decode(json)
    } catch {
      throw .badReply(error.description)
    }
  }

  /// Sends a line; the newline is added. For what `call` does not do: notifications, batches, malformed lines.
  package func send(line: [UInt8]) throws(ClientError) { try send(bytes: line + [UInt8(ascii: "\n")]) }

  /// Sends bytes as they are.
  package func send(bytes: [UInt8]) throws(ClientError) {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
      }
      if count > 0 {
        sent += count
      } else if errno == EPIPE || errno == ECONNRESET {
        throw .disconnected
      } else if errno != EINTR {
        throw .system(call: "send", code: errno)
      }
    }
  }

  /// Tells the daemon that nothing more will be sent; replies still come.
  package func finishSending() { Glibc.shutdown(descriptor, CInt(SHUT_WR)) }

  /// Waits for the next line, without its newline.
  package func receiveLine() throws(ClientError) -> [UInt8] {
    while true {
      if let end = received[searched...].firstIndex(of: UInt8(ascii: "\n")) {
        let line = Array(received[..<end])
        received.removeSubrange(...end)
        searched = 0
        return line
      }
      searched = received.count
      guard received.count <= Self.replyLimit else { throw .badReply("a line of more than \(Self.replyLimit) bytes") }
      try receiveMore()
    }
  }

  private func receiveMore() throws(ClientError) {
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    let count = recv(descriptor, &chunk, chunk.count, 0)
    if count > 0 {
      received.append(contentsOf: chunk[..<count])
      return
    }
    guard count < 0 else { throw .disconnected }
    switch errno {
    case EINTR: return
    case ECONNRESET: throw .disconnected
    case EAGAIN: throw .timeout(patience ?? .zero)
    default: throw .system(call: "recv", code: errno)
    }
  }

  private static func read(_ line: [UInt8]) throws(ClientError) -> JSON {
    do throws(JSONSyntaxError) {
      return try JSONReader.read(line)
    } catch {
      throw .badReply(error.description)
    }
  }

  private static func connect(_ path: String) throws(ClientError) -> CInt {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    let limit = MemoryLayout.size(ofValue: address.sun_path) - 1
    guard bytes.count <= limit else { throw .pathTooLong(path: path, limit: limit) }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw .system(call: "socket", code: errno) }
    let connected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    if connected == 0 { return descriptor }
    let code = errno
    close(descriptor)
    switch code {
    case ENOENT, ENOTDIR: throw .noSocket(path: path)
    case ECONNREFUSED: throw .nobodyAnswers(path: path)
    case EACCES, EPERM: throw .notAllowed(path: path, group: group(of: path))
    default: throw .system(call: "connect to \(path)", code: code)
    }
  }

  /// The name of the group that a socket belongs to, where that can be told.
  private static func group(of path: String) -> String? {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IWGRP != 0, let entry = getgrgid(status.st_gid) else {
      return nil
    }
    return String(cString: entry.pointee.gr_name)
  }
}
