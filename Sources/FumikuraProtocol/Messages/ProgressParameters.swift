/// Parameters of `$/progress`.
package struct ProgressParameters: WireObject, Hashable {
  package var id: JSON
  package var progress: Double?
  package var message: String?

  package init(id: JSON, progress: Double? = nil, message: String? = nil) {
    self.id = id
    self.progress = progress
    self.message = message
  }

  package static let form = Form<ProgressParameters>.reply(
    "How far a call is.",
    Self.init,
    Field("id", \ProgressParameters.id, "The request's id."),
    Field(
      "progress", \ProgressParameters.progress,
      "From 0 to 1; null where the end cannot be told.", .number(0...1)),
    Field("message", \ProgressParameters.message, "What is done now."))
}
