/// What the daemon writes: each a line of its own, or an element of a batch's.
package enum OutgoingMessage {
  /// The reply to a call that went well, from the result's own text, so that it is encoded once.
  package static func result(_ id: RequestID, _ result: [UInt8]) -> [UInt8] {
    var bytes = Array(#"{"jsonrpc":"2.0","id":"#.utf8)
    id.json.write(into: &bytes)
    bytes.append(contentsOf: #","result":"#.utf8)
    bytes.append(contentsOf: result)
    bytes.append(UInt8(ascii: "}"))
    return bytes
  }

  package static func error(_ id: RequestID, _ error: ServiceError) -> [UInt8] {
    let json: JSON = ["jsonrpc": "2.0", "id": id.json, "error": error.json]
    return json.encoded
  }

  /// `$/progress`.
  /// - Parameter fraction: from 0 to 1; nil where the end cannot be told.
  package static func progress(of id: RequestID, fraction: Double?, message: String?) -> [UInt8] {
    let json: JSON = [
      "jsonrpc": "2.0", "method": "$/progress",
      "params": ["id": id.json, "progress": fraction.json, "message": message.json],
    ]
    return json.encoded
  }
}
