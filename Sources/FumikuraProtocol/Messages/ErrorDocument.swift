/// One kind of error, as `rpc.discover` tells it.
package struct ErrorDocument: WireObject, Hashable {
  package var kind: String
  package var code: Int
  package var summary: String

  package init(kind: String, code: Int, summary: String) {
    self.kind = kind
    self.code = code
    self.summary = summary
  }

  package static let form = Form<ErrorDocument>.reply(
    "One kind of error.",
    Self.init,
    Field("kind", \ErrorDocument.kind, "The stable word in its data."),
    Field("code", \ErrorDocument.code, "JSON-RPC's number.", .anyInteger),
    Field("summary", \ErrorDocument.summary, "What it means."))
}
