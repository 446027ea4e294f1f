/// One message from a client (JSON-RPC 2.0 §4), its parameters not looked at yet.
package enum IncomingMessage: Hashable, Sendable {
  case request(RequestID, method: String, parameters: JSON.Object)
  /// A request without an id: it is carried out and never answered.
  case notification(method: String, parameters: JSON.Object)
  /// What can only be answered by an error.
  case invalid(RequestID, ServiceError)

  package init(_ json: JSON) {
    guard let object = json.object else {
      self = .invalid(.unknown, .invalidRequest("got \(json.summary), expected a request object"))
      return
    }
    var id: RequestID?
    if let given = object["id"] {
      guard let readable = RequestID(given) else {
        self = .invalid(
          .unknown, .invalidRequest("member \"id\": got \(given.summary), expected a string, a number or null"))
        return
      }
      id = readable
    }
    switch Self.call(object) {
    case .success(let (method, parameters)):
      self =
        if let id {
          .request(id, method: method, parameters: parameters)
        } else {
          .notification(method: method, parameters: parameters)
        }
    case .failure(let error): self = .invalid(id ?? .unknown, error)
    }
  }

  private static func call(_ object: JSON.Object) -> Result<(method: String, parameters: JSON.Object), ServiceError> {
    guard object["jsonrpc"] == "2.0" else {
      let got = object["jsonrpc"]?.summary ?? "none"
      return .failure(.invalidRequest("member \"jsonrpc\": got \(got), expected \"2.0\""))
    }
    guard let method = object["method"]?.string else {
      let got = object["method"]?.summary ?? "none"
      return .failure(.invalidRequest("member \"method\": got \(got), expected a string"))
    }
    let known = ["jsonrpc", "id", "method", "params"]
    if let stranger = object.members.first(where: { !known.contains($0.name) }) {
      return .failure(
        .invalidRequest(
          "unknown member \(JSON.string(stranger.name).summary), expected \(known.joined(separator: ", "))")
      )
    }
    switch object["params"] {
    case nil: return .success((method, [:]))
    case .object(let parameters)?: return .success((method, parameters))
    case .array(let elements)? where elements.isEmpty: return .success((method, [:]))
    case .array?:
      return .failure(
        ServiceError(
          code: -32602, kind: "invalid_params",
          message: "got parameters by position, expected them by name in an object"))
    case let other?:
      return .failure(.invalidRequest("member \"params\": got \(other.summary), expected an object"))
    }
  }
}
