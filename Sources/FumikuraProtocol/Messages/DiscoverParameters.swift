/// Parameters of `rpc.discover`: none.
package struct DiscoverParameters: WireObject, Hashable {

  package init() {
  }

  package static let form = Form<DiscoverParameters>.parameters(
    "Nothing.",
    Self.init)
}
