extension ServiceError {
  /// As a JSON-RPC error object.
  package var json: JSON {
    [
      "code": .integer(code), "message": .string(message),
      "data": [
        "kind": .string(kind), "retryable": .bool(retryable), "retry_after_ms": retryAfter.map(Self.milliseconds).json,
        "hint": hint.json, "parameter": parameter.json, "position": position.json,
      ],
    ]
  }

  /// Reads an error object; what a foreign server leaves out gets a plain meaning.
  package init(json: JSON) {
    let data = json["data"] ?? .null
    self.init(
      code: json["code"]?.integer ?? -32603, kind: data["kind"]?.string ?? "unknown",
      message: json["message"]?.string ?? "an error without a message", retryable: data["retryable"]?.bool ?? false,
      retryAfter: data["retry_after_ms"]?.integer.map { .milliseconds($0) }, hint: data["hint"]?.string,
      parameter: data["parameter"]?.string, position: data["position"]?.integer)
  }

  private static func milliseconds(_ duration: Duration) -> Int {
    let (seconds, attoseconds) = duration.components
    return Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
  }

  /// The shape of `json`, for `rpc.discover`.
  package static let shape = Shape.object(
    Shape.ObjectShape(
      summary: "Why a call failed.",
      members: [
        Shape.Member(name: "code", summary: "JSON-RPC's number.", shape: .anyInteger, isRequired: true),
        Shape.Member(name: "message", summary: "For people.", shape: .anyText, isRequired: true),
        Shape.Member(
          name: "data", summary: "For programs.",
          shape: .object(
            Shape.ObjectShape(
              summary: "For programs.",
              members: [
                Shape.Member(name: "kind", summary: "A stable word.", shape: .someText, isRequired: true),
                Shape.Member(
                  name: "retryable", summary: "Whether the same call may succeed later.", shape: .boolean,
                  isRequired: true),
                Shape.Member(
                  name: "retry_after_ms", summary: "When to try again.", shape: .nullable(.count), isRequired: true),
                Shape.Member(name: "hint", summary: "What to do.", shape: .nullable(.someText), isRequired: true),
                Shape.Member(
                  name: "parameter", summary: "The parameter at fault.", shape: .nullable(.someText), isRequired: true),
                Shape.Member(
                  name: "position", summary: "The byte at fault in a line that is not JSON.", shape: .nullable(.count),
                  isRequired: true),
              ])), isRequired: true),
      ]))
}
