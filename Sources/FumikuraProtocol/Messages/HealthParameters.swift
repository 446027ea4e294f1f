/// Parameters of `health`: none.
package struct HealthParameters: WireObject, Hashable {

  package init() {
  }

  package static let form = Form<HealthParameters>.parameters(
    "Nothing.",
    Self.init)
}
