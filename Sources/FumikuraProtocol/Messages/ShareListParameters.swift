/// Parameters of `share.list`: none.
package struct ShareListParameters: WireObject, Hashable {

  package init() {
  }

  package static let form = Form<ShareListParameters>.parameters(
    "Nothing.",
    Self.init)
}
