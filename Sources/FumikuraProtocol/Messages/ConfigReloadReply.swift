/// The reply to `config.reload`.
package struct ConfigReloadReply: WireObject, Hashable {
  package var changed: [String]
  package var needsRestart: [String]

  package init(changed: [String], needsRestart: [String]) {
    self.changed = changed
    self.needsRestart = needsRestart
  }

  package static let form = Form<ConfigReloadReply>.reply(
    "What was taken over.",
    Self.init,
    Field("changed", \ConfigReloadReply.changed, "Keys whose new values hold from now on."),
    Field("needs_restart", \ConfigReloadReply.needsRestart, "Keys whose new values hold after a restart."))
}
