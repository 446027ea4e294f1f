/// The reply to `share.list`.
package struct ShareListReply: WireObject, Hashable {
  package var shares: [ShareDescription]

  package init(shares: [ShareDescription]) {
    self.shares = shares
  }

  package static let form = Form<ShareListReply>.reply(
    "The shares.",
    Self.init,
    Field("shares", \ShareListReply.shares, "The shares, as configured."))
}
