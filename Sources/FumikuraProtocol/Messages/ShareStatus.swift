/// How one share stands.
package struct ShareStatus: WireObject, Hashable {
  package var name: String
  package var path: WirePath
  package var state: ShareState
  package var files: FileCounts?
  package var passages: Int?
  package var epoch: Int
  package var isWatching: Bool
  package var isOffline: Bool
  package var reason: String?
  package var model: String?
  package var reencoding: ReencodingStatus?

  package init(
    name: String, path: WirePath, state: ShareState, files: FileCounts? = nil, passages: Int? = nil, epoch: Int,
    isWatching: Bool, isOffline: Bool, reason: String? = nil, model: String? = nil, reencoding: ReencodingStatus? = nil
  ) {
    self.name = name
    self.path = path
    self.state = state
    self.files = files
    self.passages = passages
    self.epoch = epoch
    self.isWatching = isWatching
    self.isOffline = isOffline
    self.reason = reason
    self.model = model
    self.reencoding = reencoding
  }

  package static let form = Form<ShareStatus>.reply(
    "One share.",
    Self.init,
    Field("name", \ShareStatus.name, "Its name.", .someText),
    Field.path("path", \ShareStatus.path, "Its root."),
    Field("state", \ShareStatus.state, "How it stands."),
    Field(
      "files", \ShareStatus.files,
      "Files by state, of those that the caller may read; null where that is not counted."),
    Field("passages", \ShareStatus.passages, "Passages, likewise."),
    Field(
      "epoch", \ShareStatus.epoch,
      "Goes up whenever the share had to be scanned again because events were lost."),
    Field(
      "watching", \ShareStatus.isWatching,
      "Whether changes are seen as they happen; else they are found by crawls."),
    Field("offline", \ShareStatus.isOffline, "Whether its root is gone or unmounted."),
    Field(
      "reason", \ShareStatus.reason,
      "Why it is not watched, not online or not searched with the model it should be, and what to do."),
    Field("model", \ShareStatus.model, "The model that it is searched with; null where none can be used."),
    Field(
      "reencoding", \ShareStatus.reencoding,
      "How far it is with another model; null where its model stays, and for all but administrators."))
}
