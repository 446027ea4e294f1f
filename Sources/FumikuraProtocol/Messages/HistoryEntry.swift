/// One thing that was done with a file.
package struct HistoryEntry: WireObject, Hashable {
  package var time: Timestamp
  package var action: String
  package var detail: String?

  package init(time: Timestamp, action: String, detail: String? = nil) {
    self.time = time
    self.action = action
    self.detail = detail
  }

  package static let form = Form<HistoryEntry>.reply(
    "One thing that was done with a file.",
    Self.init,
    Field("time", \HistoryEntry.time, "When."),
    Field("action", \HistoryEntry.action, "What, in one stable word.", .someText),
    Field("detail", \HistoryEntry.detail, "More about it."))
}
