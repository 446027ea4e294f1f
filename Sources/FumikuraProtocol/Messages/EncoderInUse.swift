/// How an open model is computed on this processor.
package struct EncoderInUse: WireObject, Hashable {
  package var model: String
  package var path: String
  package var reason: String

  package init(model: String, path: String, reason: String) {
    self.model = model
    self.path = path
    self.reason = reason
  }

  package static let form = Form<EncoderInUse>.reply(
    "How an open model is computed on this processor.",
    Self.init,
    Field("model", \EncoderInUse.model, "The model's name.", .someText),
    Field("path", \EncoderInUse.path, "`fast`, in eight bits, or `reference`, in float32.", .someText),
    Field("reason", \EncoderInUse.reason, "The kernels, and why not the faster ones.", .someText))
}
