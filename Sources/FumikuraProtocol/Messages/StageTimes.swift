/// Where a search's time went.
package struct StageTimes: WireObject, Hashable {
  package var total: Double
  package var sync: Double?
  package var encode: Double?
  package var scan: Double?
  package var rescore: Double?
  package var keyword: Double?
  package var snippet: Double?

  package init(
    total: Double, sync: Double? = nil, encode: Double? = nil, scan: Double? = nil, rescore: Double? = nil,
    keyword: Double? = nil, snippet: Double? = nil
  ) {
    self.total = total
    self.sync = sync
    self.encode = encode
    self.scan = scan
    self.rescore = rescore
    self.keyword = keyword
    self.snippet = snippet
  }

  package static let form = Form<StageTimes>.reply(
    "Milliseconds by stage; null for a stage that was not needed.",
    Self.init,
    Field("total", \StageTimes.total, "From the request's start on a thread to its reply."),
    Field("sync", \StageTimes.sync, "Waiting for what happened before."),
    Field("encode", \StageTimes.encode, "Encoding the query."),
    Field("scan", \StageTimes.scan, "Scanning the codes."),
    Field("rescore", \StageTimes.rescore, "Rescoring the best."),
    Field("keyword", \StageTimes.keyword, "Keyword ranking."),
    Field("snippet", \StageTimes.snippet, "Checking permissions and cutting snippets."))
}
