/// One method of the daemon: its name and the messages it takes and gives.
///
/// ```swift
/// let reply = try client.call(.search, SearchParameters(query: "lunch"))
/// ```
package struct Procedure<Parameters: WireObject, Reply: WireObject>: Sendable {
  package let name: String
  package let summary: String
  package let isForAdministrators: Bool

  init(_ name: String, _ summary: String, isForAdministrators: Bool = false) {
    self.name = name
    self.summary = summary
    self.isForAdministrators = isForAdministrators
  }

  package var description: ProcedureDescription {
    ProcedureDescription(
      name: name, summary: summary, isForAdministrators: isForAdministrators, parameters: Parameters.form.shape,
      reply: Reply.shape)
  }
}

extension Procedure where Parameters == SearchParameters, Reply == SearchReply {
  package static var search: Self { Self("search", "Finds passages by meaning and by words.") }
}
extension Procedure where Parameters == SimilarParameters, Reply == SearchReply {
  package static var similar: Self { Self("similar", "Finds what is like a file, a passage or a text.") }
}
extension Procedure where Parameters == SyncParameters, Reply == SyncReply {
  package static var sync: Self { Self("sync", "Waits until everything that happened before is searchable.") }
}
extension Procedure where Parameters == ShareListParameters, Reply == ShareListReply {
  package static var shareList: Self { Self("share.list", "Lists the shares.") }
}
extension Procedure where Parameters == IndexStatusParameters, Reply == IndexStatusReply {
  package static var indexStatus: Self { Self("index.status", "Tells how far the index is.") }
}
extension Procedure where Parameters == IndexFilesParameters, Reply == IndexFilesReply {
  package static var indexFiles: Self { Self("index.files", "Lists every file with its state, page by page.") }
}
extension Procedure where Parameters == IndexWhyParameters, Reply == IndexWhyReply {
  package static var indexWhy: Self { Self("index.why", "Tells why a path is indexed or is not.") }
}
extension Procedure where Parameters == IndexFailuresParameters, Reply == IndexFailuresReply {
  package static var indexFailures: Self { Self("index.failures", "Lists the files that could not be indexed.") }
}
extension Procedure where Parameters == ProjectorListParameters, Reply == ProjectorListReply {
  package static var projectorList: Self { Self("projector.list", "Lists the projectors.") }
}
extension Procedure where Parameters == HealthParameters, Reply == HealthReply {
  package static var health: Self { Self("health", "Tells whether all is well.") }
}
extension Procedure where Parameters == ConfigReloadParameters, Reply == ConfigReloadReply {
  package static var configReload: Self {
    Self("config.reload", "Reads the configuration again.", isForAdministrators: true)
  }
}
extension Procedure where Parameters == DiscoverParameters, Reply == DiscoverReply {
  package static var discover: Self { Self("rpc.discover", "Tells the whole protocol, with JSON Schemas.") }
}
