/// A share that is encoded anew with another model, while it is searched as before.
package struct ReencodingStatus: WireObject, Hashable {
  package var model: String
  package var done: Int
  package var total: Int

  package init(model: String, done: Int, total: Int) {
    self.model = model
    self.done = done
    self.total = total
  }

  package static let form = Form<ReencodingStatus>.reply(
    "A share that is encoded anew with another model, while it is searched as before.",
    Self.init,
    Field("model", \ReencodingStatus.model, "The new model's name.", .someText),
    Field("done", \ReencodingStatus.done, "Passages that have been encoded with it."),
    Field("total", \ReencodingStatus.total, "Passages in all."))
}
