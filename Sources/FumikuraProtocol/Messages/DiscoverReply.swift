/// The reply to `rpc.discover`.
package struct DiscoverReply: WireObject, Hashable {
  package var protocolName: String
  package var version: Int
  package var dialect: String
  package var limits: LimitsDocument
  package var methods: [MethodDocument]
  package var notifications: [NotificationDocument]
  package var error: JSON
  package var errors: [ErrorDocument]

  package init(
    protocolName: String, version: Int, dialect: String, limits: LimitsDocument, methods: [MethodDocument],
    notifications: [NotificationDocument], error: JSON, errors: [ErrorDocument]
  ) {
    self.protocolName = protocolName
    self.version = version
    self.dialect = dialect
    self.limits = limits
    self.methods = methods
    self.notifications = notifications
    self.error = error
    self.errors = errors
  }

  package static let form = Form<DiscoverReply>.reply(
    "The whole protocol.",
    Self.init,
    Field("protocol", \DiscoverReply.protocolName, "`fumikura`."),
    Field(
      "version", \DiscoverReply.version,
      "The protocol's version; it goes up when something that was there changes its meaning."),
    Field("schema_dialect", \DiscoverReply.dialect, "The JSON Schema dialect of the schemas."),
    Field("limits", \DiscoverReply.limits, "Sizes."),
    Field("methods", \DiscoverReply.methods, "Every method."),
    Field("notifications", \DiscoverReply.notifications, "What is sent without an answer."),
    Field("error", \DiscoverReply.error, "The JSON Schema of every error object."),
    Field("errors", \DiscoverReply.errors, "The errors by kind."))
}
