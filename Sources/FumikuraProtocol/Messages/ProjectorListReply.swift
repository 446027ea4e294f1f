/// The reply to `projector.list`.
package struct ProjectorListReply: WireObject, Hashable {
  package var projectors: [ProjectorEntry]

  package init(projectors: [ProjectorEntry]) {
    self.projectors = projectors
  }

  package static let form = Form<ProjectorListReply>.reply(
    "The projectors.",
    Self.init,
    Field("projectors", \ProjectorListReply.projectors, "The projectors, newest first."))
}
