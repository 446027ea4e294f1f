/// Parameters of `$/cancelRequest`.
package struct CancelParameters: WireObject, Hashable {
  package var id: JSON

  package init(id: JSON) {
    self.id = id
  }

  package static let form = Form<CancelParameters>.parameters(
    "Which call.",
    Self.init,
    Field("id", \CancelParameters.id, "The id of the request to cancel."))
}
