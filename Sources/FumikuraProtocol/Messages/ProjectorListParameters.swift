/// Parameters of `projector.list`: none.
package struct ProjectorListParameters: WireObject, Hashable {

  package init() {
  }

  package static let form = Form<ProjectorListParameters>.parameters(
    "Nothing.",
    Self.init)
}
