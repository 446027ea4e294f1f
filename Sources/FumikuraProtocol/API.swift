/// Everything the daemon understands, made from the message types themselves.
package enum API {
  /// Goes up when something that was there changes its meaning; what is added does not count.
  package static let version = 1

  package static let procedures: [ProcedureDescription] = [
    Procedure.search.description, Procedure.similar.description, Procedure.sync.description,
    Procedure.shareList.description, Procedure.indexStatus.description, Procedure.indexFiles.description,
    Procedure.indexWhy.description, Procedure.indexFailures.description, Procedure.projectorList.description,
    Procedure.health.description, Procedure.configReload.description, Procedure.discover.description,
  ]

  /// The reply to `rpc.discover`.
  package static let document = DiscoverReply(
    protocolName: "fumikura", version: version, dialect: "https://json-schema.org/draft/2020-12/schema",
    limits: LimitsDocument(
      requestBytes: ProtocolLimits.requestBytes, replyBytes: ProtocolLimits.replyBytes, batch: ProtocolLimits.batch),
    methods: procedures.map {
      MethodDocument(
        name: $0.name, summary: $0.summary, isForAdministrators: $0.isForAdministrators,
        parameters: $0.parameters.schema, result: $0.reply.schema)
    },
    notifications: [
      NotificationDocument(
        name: "$/cancelRequest", summary: "The client no longer waits for a call; it is answered with `cancelled`.",
        sender: "client", parameters: CancelParameters.shape.schema),
      NotificationDocument(
        name: "$/progress", summary: "How far a call is that asked for progress.", sender: "daemon",
        parameters: ProgressParameters.shape.schema),
    ],
    error: ServiceError.shape.schema,
    errors: [
      ErrorDocument(kind: "parse_error", code: -32700, summary: "The line is not JSON."),
      ErrorDocument(kind: "invalid_request", code: -32600, summary: "The JSON is not a request."),
      ErrorDocument(kind: "line_too_long", code: -32600, summary: "The line is too long; the connection is closed."),
      ErrorDocument(
        kind: "unfinished_line", code: -32600, summary: "A line did not end in time; the connection is closed."),
      ErrorDocument(kind: "unknown_method", code: -32601, summary: "There is no such method."),
      ErrorDocument(
        kind: "invalid_params", code: -32602, summary: "A parameter is unknown, missing or not as it should be."),
      ErrorDocument(kind: "internal", code: -32603, summary: "Something broke inside the daemon."),
      ErrorDocument(kind: "busy", code: -32001, summary: "Too much at once; try again after `retry_after_ms`."),
      ErrorDocument(kind: "unavailable", code: -32002, summary: "It cannot be answered for now."),
      ErrorDocument(kind: "forbidden", code: -32003, summary: "The caller may not do this."),
      ErrorDocument(kind: "not_found", code: -32004, summary: "There is no such thing, as far as the caller may know."),
      ErrorDocument(kind: "timeout", code: -32005, summary: "It did not happen in time."),
      ErrorDocument(kind: "reply_too_large", code: -32006, summary: "The reply is too long; ask for less."),
      ErrorDocument(
        kind: "invalid_configuration", code: -32010, summary: "The configuration is refused; nothing has changed."),
      ErrorDocument(kind: "cancelled", code: -32800, summary: "The call was cancelled."),
    ])
}
