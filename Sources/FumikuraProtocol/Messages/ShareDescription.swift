/// One share, as configured.
package struct ShareDescription: WireObject, Hashable {
  package var name: String
  package var path: WirePath
  package var state: ShareState

  package init(name: String, path: WirePath, state: ShareState) {
    self.name = name
    self.path = path
    self.state = state
  }

  package static let form = Form<ShareDescription>.reply(
    "One share.",
    Self.init,
    Field("name", \ShareDescription.name, "Its name.", .someText),
    Field.path("path", \ShareDescription.path, "Its root."),
    Field("state", \ShareDescription.state, "How it stands."))
}
