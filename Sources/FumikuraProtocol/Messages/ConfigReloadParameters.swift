/// Parameters of `config.reload`: none.
package struct ConfigReloadParameters: WireObject, Hashable {

  package init() {
  }

  package static let form = Form<ConfigReloadParameters>.parameters(
    "Nothing.",
    Self.init)
}
