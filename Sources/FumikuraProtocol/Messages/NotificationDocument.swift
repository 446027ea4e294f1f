/// One notification, as `rpc.discover` tells it.
package struct NotificationDocument: WireObject, Hashable {
  package var name: String
  package var summary: String
  package var sender: String
  package var parameters: JSON

  package init(name: String, summary: String, sender: String, parameters: JSON) {
    self.name = name
    self.summary = summary
    self.sender = sender
    self.parameters = parameters
  }

  package static let form = Form<NotificationDocument>.reply(
    "One notification.",
    Self.init,
    Field("name", \NotificationDocument.name, "Its name."),
    Field("summary", \NotificationDocument.summary, "What it says."),
    Field("sender", \NotificationDocument.sender, "`client` or `daemon`."),
    Field("params", \NotificationDocument.parameters, "The JSON Schema of its parameters."))
}
