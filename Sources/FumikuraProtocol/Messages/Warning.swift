/// Something that needs an administrator's attention.
package struct Warning: WireObject, Hashable {
  package var kind: String
  package var message: String
  package var hint: String?

  package init(kind: String, message: String, hint: String? = nil) {
    self.kind = kind
    self.message = message
    self.hint = hint
  }

  package static let form = Form<Warning>.reply(
    "Something that needs attention.",
    Self.init,
    Field("kind", \Warning.kind, "A stable word.", .someText),
    Field("message", \Warning.message, "What is wrong.", .someText),
    Field("hint", \Warning.hint, "What to do about it."))
}
