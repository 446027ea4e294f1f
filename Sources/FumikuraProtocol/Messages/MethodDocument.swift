/// One method, as `rpc.discover` tells it.
package struct MethodDocument: WireObject, Hashable {
  package var name: String
  package var summary: String
  package var isForAdministrators: Bool
  package var parameters: JSON
  package var result: JSON

  package init(name: String, summary: String, isForAdministrators: Bool, parameters: JSON, result: JSON) {
    self.name = name
    self.summary = summary
    self.isForAdministrators = isForAdministrators
    self.parameters = parameters
    self.result = result
  }

  package static let form = Form<MethodDocument>.reply(
    "One method.",
    Self.init,
    Field("name", \MethodDocument.name, "Its name."),
    Field("summary", \MethodDocument.summary, "What it does."),
    Field("for_administrators", \MethodDocument.isForAdministrators, "Whether only administrators may call it."),
    Field("params", \MethodDocument.parameters, "The JSON Schema of its parameters."),
    Field("result", \MethodDocument.result, "The JSON Schema of its result."))
}
